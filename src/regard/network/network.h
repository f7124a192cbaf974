#pragma once

#include <optional>
#include <string>
#include <vector>

#include "regard/core/options.h"
#include "regard/ops/spec.h"
#include "regard/region/schemes.h"

/// Networks by name; table.h has the table and the code that runs them.
namespace regard {

/// Everything that defines a network, as stored in recipes and model files.
struct NetworkConfig {
  std::string name = "plain";
  Json options = Json::object();  ///< of options of the network struct, e.g. PlainOptions
  int chip_size = 48;             ///< side of the input chips, in pixels
  int classes = 8;
  float temperature = 1;  ///< logits are divided by it before the softmax (Guo et al., ICML 2017)
};

/// Human-readable names of the views that the network weights, in order; none for networks without attention
/// or with a single view. Throws Error for an unknown option.
std::vector<std::string> attended_views(const NetworkConfig& config);

/// The regions of these views; none if the network has no regions, or finds its views itself and returns
/// their places in the output "affines".
std::optional<RegionOptions> attended_regions(const NetworkConfig& config);

/// Whether the network predicts yaw, pitch and roll of every head, in the output "pose".
bool predicts_pose(const NetworkConfig& config);

/// The network without one of its views, as if the weight of that view were zero; for networks that weight at
/// least two views. The parameters stay the same.
NetworkConfig without_view(NetworkConfig config, int view);

/// The options of a network that define its input (backbone, input_size, normalize, ...).
Json seen_options(const NetworkConfig& config);

/// Merges `seen` into these options; unknown keys are ignored for networks without a separate section for
/// them.
void lay_over_seen(const Json& seen, NetworkConfig& config);

/// The network's parameters, outputs and multiply-adds per face.
SpecOps describe_network(const NetworkConfig& config);

}  // namespace regard
