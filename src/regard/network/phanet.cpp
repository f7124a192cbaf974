#include "regard/network/phanet.h"

#include <algorithm>

namespace regard {

void check_options(const PhanetOptions& options) {
  const auto check = [](bool good, const char* what, const std::string& expected, const std::string& got) {
    if (!good) throw Error("network's option is out of range", what, expected, got);
  };
  const auto& [pose, gate] = std::pair(options.pose, options.gate);
  check(options.scales >= 1 && options.scales <= 8, "scales", "1 to 8", std::to_string(options.scales));
  check(options.zoom > 0, "zoom", "above 0", std::to_string(options.zoom));
  check(options.parts >= 1, "parts", "1 or more", std::to_string(options.parts));
  check(pose == "angles" || pose == "classes" || pose == "none", "pose", "angles, classes or none", pose);
  check(pose != "classes" || options.yaws.size() >= 2, "yaws", "2 or more",
        std::to_string(options.yaws.size()));
  check(gate == "softmax" || gate == "uniform", "gate", "softmax or uniform", gate);
  check(options.places == "proposed" || options.places == "fixed", "places", "proposed or fixed",
        options.places);
  for (std::size_t i = 0; i < options.only.size(); ++i) {
    const int scale = options.only[i];
    check(scale >= 0 && scale < options.scales && (i == 0 || options.only[i - 1] < scale), "only",
          "scales below " + std::to_string(options.scales) + ", rising", std::to_string(scale));
  }
  const auto counted = static_cast<int>(counted_scales(options).size());
  check(options.top >= 0 && options.top <= counted, "top", "0 to " + std::to_string(counted),
        std::to_string(options.top));
}

std::vector<int> counted_scales(const PhanetOptions& options) {
  if (!options.only.empty()) return options.only;
  std::vector<int> all(static_cast<std::size_t>(std::max(options.scales, 0)));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::vector<AttendedView> PhanetRow::views(const PhanetOptions& options) {
  check_options(options);
  std::vector<AttendedView> views;
  if (options.scales > 1)
    for (const int scale : counted_scales(options))
      views.push_back({scale, scale == 0 ? "whole face" : "zoom " + std::to_string(scale)});
  return views;
}

void PhanetRow::keep_views(Json& options, const std::vector<int>& only) {
  options["only"] = only;
  const auto count = static_cast<int>(only.size());
  if (options.value("top", 0) > count) options["top"] = count;
}

bool PhanetRow::predicts_pose(const PhanetOptions& options) {
  check_options(options);
  return options.pose == "angles";
}

}  // namespace regard
