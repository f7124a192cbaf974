#include "lab/metrics/views.h"

#include <cmath>

#include "regard/core/error.h"

namespace regard {

namespace {

constexpr std::size_t kAffine = 6;

/// Of one number for each of `count` faces.
template <class Value>
Spread spread(std::size_t count, Value value) {
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < count; ++i) sum += value(i);
  const double mean = sum / static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) squares += (value(i) - mean) * (value(i) - mean);
  return {mean, std::sqrt(squares / static_cast<double>(count))};
}

double entropy(std::span<const float> shares) {
  double sum = 0;
  for (const double share : shares)
    if (share > 0) sum -= share * std::log(share);
  return sum;
}

/// `place(i)` is face i's affine.
template <class Place>
PlaceSpread place_spread(std::size_t count, Place place) {
  return {spread(count, [&](std::size_t i) { return place(i)[0] / 2 + place(i)[1] / 2 + place(i)[2]; }),
          spread(count, [&](std::size_t i) { return place(i)[3] / 2 + place(i)[4] / 2 + place(i)[5]; }),
          spread(count, [&](std::size_t i) { return std::hypot(place(i)[0], place(i)[3]); })};
}

Json to_json(const Spread& spread) {
  return {{"mean", spread.mean}, {"std", spread.std}};
}

}  // namespace

ViewStudy study_views(const std::vector<std::string>& names, std::span<const float> weights,
                      std::span<const float> places) {
  const std::size_t k = names.size(), count = k ? weights.size() / k : 0;
  if (count == 0 || weights.size() != count * k ||
      (!places.empty() && places.size() != weights.size() * kAffine))
    throw Error("weights and places of views do not fit", {}, std::to_string(k) + " views of each face",
                std::to_string(weights.size()) + " weights, " + std::to_string(places.size()) + " numbers");
  ViewStudy study;
  for (std::size_t v = 0; v < k; ++v) {
    auto& view = study.views.emplace_back();
    view.name = names[v];
    view.weight = spread(count, [&](std::size_t i) { return weights[i * k + v]; });
    if (!places.empty())
      view.place =
          place_spread(count, [&](std::size_t i) { return places.subspan((i * k + v) * kAffine, kAffine); });
  }
  const auto most = k > 1 ? std::log(static_cast<double>(k)) : 1;
  study.entropy =
      spread(count, [&](std::size_t i) { return entropy(weights.subspan(i * k, k)) / most; }).mean;
  return study;
}

Json to_json(const ViewStudy& study) {
  Json views = Json::array();
  for (const auto& view : study.views) {
    Json json{{"name", view.name}, {"weight", to_json(view.weight)}};
    if (view.place)
      json.update({{"x", to_json(view.place->x)},
                   {"y", to_json(view.place->y)},
                   {"side", to_json(view.place->side)}});
    views.push_back(std::move(json));
  }
  return {{"views", views}, {"entropy", study.entropy}};
}

}  // namespace regard
