#include "regard/pipeline/explainer.h"

#include <algorithm>
#include <cmath>

#include "regard/face/alignment.h"
#include "regard/network/network.h"
#include "regard/pipeline/stages.h"

namespace regard {

namespace {

/// The regions that are occluded if the network has no views of its own.
RegionOptions occluded_regions() {
  RegionOptions options;
  options.scheme = "landmark";
  options.half_side = .18f;
  options.only = {1, 2, 3, 4, 5};  // occluding the whole face is not informative
  return options;
}

/// Fills an upright part of a chip, an affine in fractions, with its mean colour.
void occlude(Image& chip, const Affine& part) {
  const auto pixel = [&](float place) { return static_cast<int>(std::lround(place * chip.width)); };
  const int left = pixel(part.m[2]), right = pixel(part.m[2] + part.m[0]);
  const int top = pixel(part.m[5]), bottom = pixel(part.m[5] + part.m[4]);
  const int area = (right - left) * (bottom - top);
  for (int channel = 0; channel < chip.channels && area > 0; ++channel) {
    int sum = 0;
    const auto for_each = [&](auto&& change) {
      for (int y = top; y < bottom; ++y)
        for (int x = left; x < right; ++x) change(chip.row(y)[x * chip.channels + channel]);
    };
    for_each([&](std::uint8_t value) { sum += value; });
    for_each([&](std::uint8_t& value) { value = static_cast<std::uint8_t>((sum + area / 2) / area); });
  }
}

}  // namespace

struct Explainer::Impl {
  std::shared_ptr<const Stages> stages;
  Recognizer recognizer;
  std::vector<Engine> without;  // of a network that weighs views, one for each view

  Impl(std::shared_ptr<const Stages> shared, const EngineOptions& options)
      : stages(std::move(shared)), recognizer(stages) {
    const auto count = static_cast<int>(stages->views().size());
    if (count < 2) return;
    Model less = stages->model();
    for (int view = 0; view < count; ++view) {
      less.network = without_view(stages->model().network, view);
      without.emplace_back(less, options);
    }
  }

  std::vector<ExplainedView> leave_out(const Face& face, const FaceChip& chip) const {
    const ImageView image = chip.image;
    std::vector<ExplainedView> views;
    for (std::size_t i = 0; i < without.size(); ++i)
      views.push_back({face.views[i], without[i].predict({&image, 1}, {&chip.landmarks, 1}).probabilities});
    return views;
  }

  std::vector<ExplainedView> occlude_in_turn(const Face& face, const FaceChip& chip) const {
    static const RegionOptions kRegions = occluded_regions();
    static const std::vector<std::string> kNames = view_names(kRegions);
    const auto parts = views_of_face(kRegions, chip.landmarks);
    std::vector<ExplainedView> views;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      FaceChip occluded = chip;
      occlude(occluded.image, parts[i]);
      views.push_back(
          {{.name = kNames[i], .corners = corners_in_image(parts[i], face.landmarks, stages->info().chip)},
           stages->predict({&occluded, 1}).probabilities});
    }
    return views;
  }
};

Explainer::Explainer(const std::filesystem::path& model, const RecognizerOptions& options)
    : Explainer(std::make_shared<Stages>(find_model(model), options), options.engine) {}
Explainer::Explainer(std::shared_ptr<const Stages> stages, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(std::move(stages), options)) {}
Explainer::~Explainer() = default;
Explainer::Explainer(Explainer&&) noexcept = default;
Explainer& Explainer::operator=(Explainer&&) noexcept = default;

std::vector<Explanation> Explainer::explain(ImageView image) const {
  std::vector<Explanation> explanations;
  const auto found = impl_->stages->find(image);
  const auto chips = impl_->stages->cut_chips(image, found.faces);
  for (auto& face : impl_->stages->recognize(image, found.faces, found.poses)) {
    const auto& chip = chips[explanations.size()];
    auto views = weighs_views() ? impl_->leave_out(face, chip) : impl_->occlude_in_turn(face, chip);
    explanations.push_back({std::move(face), std::move(views)});
  }
  return explanations;
}

bool Explainer::weighs_views() const {
  return !impl_->without.empty();
}

const Recognizer& Explainer::recognizer() const {
  return impl_->recognizer;
}

}  // namespace regard
