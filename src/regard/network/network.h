#pragma once

#include <optional>
#include <string>
#include <vector>

#include "regard/core/options.h"
#include "regard/ops/spec.h"
#include "regard/region/schemes.h"

/// Networks by their names; table.h has the table and what runs them.
namespace regard {

/// Everything that defines a network, as stored in recipes and model files.
struct NetworkConfig {
  std::string name = "plain";
  Json options = Json::object();  ///< of options of the network struct, e.g. PlainOptions
  int chip_size = 48;             ///< side of the input chips, in pixels
  int classes = 8;
  float temperature = 1;  ///< logits are divided by it before the softmax (Guo et al., ICML 2017)
};

/// What people call the views that the network weighs, in their order; none for networks without attention,
/// and for those with a single view. Throws Error for an unknown option.
std::vector<std::string> attended_views(const NetworkConfig& config);

/// The regions of these views; none if the network has no regions, or finds its views itself and returns
/// their places in the output "affines".
std::optional<RegionOptions> attended_regions(const NetworkConfig& config);

/// Whether the network predicts yaw, pitch and roll of every head, in the output "pose".
bool predicts_pose(const NetworkConfig& config);

/// The network without one of its views, as if the weight of that view were zero; for networks that weight at
/// least two views. The parameters stay the same.
NetworkConfig without_view(NetworkConfig config, int view);

/// Those of a network's options that say what it sees of a face (backbone, input_size, normalize, ...).
Json seen_options(const NetworkConfig& config);

/// Lays `seen` over these options; of networks that hold them beside others, what they do not know is left
/// out.
void lay_over_seen(const Json& seen, NetworkConfig& config);

/// The network's parameters, outputs and multiply-adds a face.
SpecOps describe_network(const NetworkConfig& config);

}  // namespace regard
