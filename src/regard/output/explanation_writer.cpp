#include "regard/output/explanation_writer.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "regard/core/text.h"
#include "regard/output/face_json.h"

namespace regard {
namespace {

struct Answer {
  std::string expression;
  float probability = 0;
};

Answer top_class_of(const std::vector<float>& probabilities, const std::vector<std::string>& labels) {
  const auto top = std::max_element(probabilities.begin(), probabilities.end());
  return {labels[static_cast<std::size_t>(top - probabilities.begin())], *top};
}

Json json_of(const Explanation& explained, const Explainer& explainer) {
  const auto& labels = explainer.recognizer().labels();
  Face shown = explained.face;
  shown.views.assign(explained.views.begin(), explained.views.end());
  Json face = to_json(shown, labels);
  for (std::size_t i = 0; i < explained.views.size(); ++i) {
    auto& view = face["views"][i];
    const auto& without = explained.views[i].without;
    if (!explainer.weighs_views()) view.erase("weight");
    view["without"] = {{"expression", top_class_of(without, labels).expression},
                       {"probabilities", by_label(without, labels)}};
  }
  return face;
}

std::string shown(const Answer& answer) {
  return formatted("%s %.0f %%", answer.expression.c_str(), std::min(99.f, 100 * answer.probability));
}

std::string shown(const std::optional<float>& attention) {
  return attention ? formatted("%.2f", *attention) : "-";
}

std::string table_of(const Explanation& explained, const Explainer& explainer) {
  const auto& labels = explainer.recognizer().labels();
  std::string lines = explainer.weighs_views() ? formatted("  %-20s  %6s  %5s  %8s  %s\n", "region", "weight",
                                                           "self", "relation", "without it")
                                               : formatted("  %-20s  %s\n", "occluded", "then");
  for (const auto& view : explained.views) {
    lines += formatted("  %-20s", view.name.c_str());
    if (explainer.weighs_views())
      lines += formatted("  %4.0f %%  %5s  %8s", 100 * view.weight, shown(view.self_attention).c_str(),
                         shown(view.relation_attention).c_str());
    lines += "  " + shown(top_class_of(view.without, labels)) + "\n";
  }
  return lines;
}

}  // namespace

std::string explanations_as_json(const ExplainedImage& image, const Explainer& explainer) {
  Json faces = Json::array();
  for (const auto& explained : image.explanations) faces.push_back(json_of(explained, explainer));
  return json_shown({{"file", image.file},
                     {"width", image.width},
                     {"height", image.height},
                     {"model", explainer.recognizer().model().name},
                     {"by", explainer.weighs_views() ? "attention" : "occlusion"},
                     {"faces", std::move(faces)}}) +
         "\n";
}

std::string explanations_as_table(const ExplainedImage& image, const Explainer& explainer) {
  const auto& labels = explainer.recognizer().labels();
  if (image.explanations.empty()) return image.file + ": no face\n";
  std::string lines;
  for (std::size_t i = 0; i < image.explanations.size(); ++i)
    lines += formatted("%s%s, face %zu: %s\n", i ? "\n" : "", image.file.c_str(), i + 1,
                       shown(top_class_of(image.explanations[i].face.probabilities, labels)).c_str()) +
             table_of(image.explanations[i], explainer);
  return lines;
}

}  // namespace regard
