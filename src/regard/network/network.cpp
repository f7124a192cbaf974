#include "regard/network/network.h"

#include <numeric>

namespace regard {

namespace {

PhanetOptions phanet_options(const NetworkConfig& config) {
  PhanetOptions options;
  from_json(config.options, options, "network options");
  check_options(options);
  return options;
}

/// The views that count, by their numbers among all that the network could have.
std::vector<int> counted_views(const NetworkConfig& config) {
  if (config.name == "phanet") {
    const auto options = phanet_options(config);
    return options.scales > 1 ? counted_scales(options) : std::vector<int>{};
  }
  const auto regions = attended_regions(config);
  if (!regions || !regions->only.empty()) return regions ? regions->only : std::vector<int>{};
  std::vector<int> all(static_cast<std::size_t>(count_views(*regions)));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace

std::vector<std::string> attended_views(const NetworkConfig& config) {
  if (config.name != "phanet") {
    const auto regions = attended_regions(config);
    return regions ? view_names(*regions) : std::vector<std::string>{};
  }
  std::vector<std::string> names;
  for (const int scale : counted_views(config))
    names.push_back(scale == 0 ? "whole face" : "zoom " + std::to_string(scale));
  return names;
}

std::optional<RegionOptions> attended_regions(const NetworkConfig& config) {
  if (config.name != "ran") return {};
  RanOptions options;
  from_json(config.options, options, "network options");
  return options.views.regions;
}

bool predicts_pose(const NetworkConfig& config) {
  return config.name == "phanet" && phanet_options(config).pose == "angles";
}

NetworkConfig without_view(NetworkConfig config, int view) {
  auto only = counted_views(config);
  const auto count = static_cast<int>(only.size());
  if (count < 2 || view < 0 || view >= count)
    throw Error("network cannot do without this view", config.name, "one of two views or more",
                std::to_string(view));
  only.erase(only.begin() + view);
  if (config.name == "phanet") {
    const int top = phanet_options(config).top;
    config.options["only"] = only;
    if (top > count - 1) config.options["top"] = count - 1;
  } else {
    config.options["views"]["regions"]["only"] = only;
  }
  return config;
}

SpecOps describe_network(const NetworkConfig& config) {
  SpecOps ops;
  build_network(ops, config);
  return ops;
}

}  // namespace regard
