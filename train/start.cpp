#include "train/start.h"

#include <algorithm>
#include <optional>

#include "regard/model/model.h"

namespace regard {

namespace {

std::string layer_of(const std::string& name) {
  return name.substr(0, name.rfind('.'));
}

std::string name_in_start(const Recipe& recipe, const std::string& name) {
  const auto layer = recipe.start_as.find(layer_of(name));
  return layer == recipe.start_as.end() ? name : layer->get<std::string>() + name.substr(name.rfind('.'));
}

/// Whether a parameter belongs to a layer that is initialised at random.
bool begins_fresh(const Recipe& recipe, const std::string& name) {
  return std::ranges::any_of(recipe.fresh, [&](const auto& layer) { return name.starts_with(layer + "."); });
}

/// For each of `wanted`, where `known` has it; none if it lacks one.
std::optional<std::vector<std::int64_t>> places_in(const std::vector<std::string>& wanted,
                                                   const std::vector<std::string>& known) {
  std::vector<std::int64_t> places;
  for (const auto& label : wanted) {
    const auto found = std::ranges::find(known, label);
    if (found == known.end()) return {};
    places.push_back(found - known.begin());
  }
  return places;
}

/// The rows of these numbers.
Weight rows_of(const Weight& from, const std::vector<std::int64_t>& rows) {
  Weight weight{from.shape, {}};
  weight.shape[0] = static_cast<std::int64_t>(rows.size());
  const auto width = element_count(from.shape) / from.shape[0];
  for (const auto row : rows)
    weight.values.insert(weight.values.end(), from.values.begin() + row * width,
                         from.values.begin() + (row + 1) * width);
  return weight;
}

/// Takes `from` over if the shapes agree, or a layer's [out, in] for [out, m in] features: repeated and
/// divided by m, which gives the same result if every feature occurs m times. Returns whether it could.
bool take(const Weight& from, Weight& to) {
  if (from.shape == to.shape) {
    to = from;
    return true;
  }
  if (from.shape.size() != 2 || to.shape.size() != 2) return false;
  const auto in = from.shape[1], wide = to.shape[1];
  if (from.shape[0] != to.shape[0] || wide % in != 0) return false;
  const float share = static_cast<float>(in) / static_cast<float>(wide);
  for (std::int64_t i = 0; i < from.shape[0] * wide; ++i)
    to.values[i] = share * from.values[i / wide * in + i % wide % in];
  return true;
}

}  // namespace

Start starting_weights(const Recipe& recipe, const std::vector<ParameterSpec>& specs,
                       const std::vector<std::string>& labels) {
  Start start{.weights = initial_weights(specs, recipe.seed), .source = {}, .licence = {}};
  if (recipe.start.empty()) return start;
  const auto model = load_model(recipe.start);
  const auto rows = places_in(labels, model.labels);
  const auto classes = static_cast<std::int64_t>(model.labels.size());
  std::size_t taken = 0;
  for (const auto& spec : specs) {
    const auto found = model.weights.find(name_in_start(recipe, spec.name));
    if (found == model.weights.end() || begins_fresh(recipe, spec.name)) continue;
    auto& weight = start.weights.at(spec.name);
    if (!spec.per_class) {
      taken += take(found->second, weight);
      continue;
    }
    const bool matched =
        rows && found->second.shape[0] == classes && take(rows_of(found->second, *rows), weight);
    start.about["classifiers"][layer_of(spec.name)] = matched ? "matched" : "fresh";
    taken += matched;
  }
  if (taken == 0) throw Error("no weight has a name and shape of the network's", recipe.start);
  start.about["taken"] = taken;
  start.source = model.source;
  start.licence = model.licence;
  return start;
}

}  // namespace regard
