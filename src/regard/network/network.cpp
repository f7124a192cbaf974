#include "regard/network/network.h"

#include <algorithm>

#include "regard/core/toml.h"
#include "regard/network/table.h"

namespace regard {

namespace {

std::vector<AttendedView> views_of(const NetworkConfig& config) {
  return with_network(config.name, config.options,
                      [](auto row, const auto& options) { return row.views(options); });
}

std::string seen_key(const NetworkConfig& config) {
  return Networks::with(config.name, "network", [](auto row) { return std::string(row.kSeenKey); });
}

std::vector<std::string> known_options(const NetworkConfig& config) {
  return Networks::with(config.name, "network",
                        []<class Row>(Row) { return option_names<typename Row::Options>(); });
}

}  // namespace

std::vector<std::string> attended_views(const NetworkConfig& config) {
  std::vector<std::string> names;
  for (auto& view : views_of(config)) names.push_back(std::move(view.name));
  return names;
}

std::optional<RegionOptions> attended_regions(const NetworkConfig& config) {
  return with_network(config.name, config.options,
                      [](auto row, const auto& options) { return row.regions(options); });
}

bool predicts_pose(const NetworkConfig& config) {
  return with_network(config.name, config.options,
                      [](auto row, const auto& options) { return row.predicts_pose(options); });
}

NetworkConfig without_view(NetworkConfig config, int view) {
  const auto views = views_of(config);
  const auto count = static_cast<int>(views.size());
  if (count < 2 || view < 0 || view >= count)
    throw Error("network cannot do without this view", config.name, "one of two views or more",
                std::to_string(view));
  std::vector<int> kept;
  for (int i = 0; i < count; ++i)
    if (i != view) kept.push_back(views[static_cast<std::size_t>(i)].number);
  Networks::with(config.name, "network", [&](auto row) {
    row.keep_views(config.options, kept);
    return true;
  });
  return config;
}

Json seen_options(const NetworkConfig& config) {
  const auto key = seen_key(config);
  return key.empty() ? config.options : config.options.value(key, Json::object());
}

void lay_over_seen(const Json& seen, NetworkConfig& config) {
  if (const auto key = seen_key(config); !key.empty()) {
    lay_over(config.options[key], seen);
    return;
  }
  const auto known = known_options(config);
  for (const auto& [key, value] : seen.items())
    if (std::ranges::find(known, key) != known.end()) lay_over(config.options, {{key, value}});
}

SpecOps describe_network(const NetworkConfig& config) {
  SpecOps ops;
  build_network(ops, config);
  return ops;
}

}  // namespace regard
