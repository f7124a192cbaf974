#include "regard/network/network.h"

#include <numeric>

namespace regard {

std::optional<RegionOptions> attended_regions(const NetworkConfig& config) {
  if (config.name != "ran") return {};
  RanOptions options;
  from_json(config.options, options, "network options");
  return options.views.regions;
}

NetworkConfig without_view(NetworkConfig config, int view) {
  const auto regions = attended_regions(config);
  const int count = regions ? count_views(*regions) : 0;
  if (count < 2 || view < 0 || view >= count)
    throw Error("network cannot do without this view", config.name, "one of two views or more",
                std::to_string(view));
  std::vector<int> only = regions->only;
  if (only.empty()) {
    only.resize(static_cast<std::size_t>(count));
    std::iota(only.begin(), only.end(), 0);
  }
  only.erase(only.begin() + view);
  config.options["views"]["regions"]["only"] = only;
  return config;
}

SpecOps describe_network(const NetworkConfig& config) {
  SpecOps ops;
  build_network(ops, config);
  return ops;
}

}  // namespace regard
