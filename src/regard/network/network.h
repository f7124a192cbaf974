#pragma once

#include <optional>

#include "regard/core/options.h"
#include "regard/network/baselines.h"
#include "regard/network/ensemble.h"
#include "regard/network/phanet.h"
#include "regard/network/plain.h"
#include "regard/network/ran.h"

/// The table of networks, the only place where the name of a network is mapped to its function.
namespace regard {

/// Everything that defines a network, as stored in recipes and model files.
struct NetworkConfig {
  std::string name = "plain";
  Json options = Json::object();  ///< of options of the network struct, e.g. PlainOptions
  int chip_size = 48;             ///< side of the input chips, in pixels
  int classes = 8;
  float temperature = 1;  ///< logits are divided by it before the softmax (Guo et al., ICML 2017)
};

/// The logits [n, classes] of the network of this name for chips [n, 3, s, s]. Throws Error for an unknown
/// network or option.
template <class Ops>
Value<Ops> network_logits(Ops& ops, const Value<Ops>& chip, const std::string& name, const Json& given,
                          int classes) {
  const auto run = [&]<class Options>(auto network, Options options) {
    from_json(given, options, "network options");
    return network(options);
  };
  if (name == "plain") return run([&](auto& o) { return plain(ops, chip, classes, o); }, PlainOptions{});
  if (name == "ran") return run([&](auto& o) { return ran(ops, chip, classes, o); }, RanOptions{});
  if (name == "region_baseline")
    return run([&](auto& o) { return region_baseline(ops, chip, classes, o); }, RegionBaselineOptions{});
  if (name == "phanet") return run([&](auto& o) { return phanet(ops, chip, classes, o); }, PhanetOptions{});
  if (name == "ensemble") {
    const auto member = [&](const EnsembleMember& one) {
      return network_logits(ops, chip, one.name, one.options, classes);
    };
    return run([&](auto& o) { return ensemble(ops, o, member); }, EnsembleOptions{});
  }
  throw Error("unknown network", name, "plain, ran, region_baseline, phanet or ensemble");
}

/// Runs the network over `ops`: chips [n, 3, s, s] in; the outputs logits [n, classes] (before the
/// temperature) and probabilities [n, classes] (after it). Throws Error for an unknown network or option.
template <class Ops>
void build_network(Ops& ops, const NetworkConfig& config) {
  const auto chip = ops.chip(config.chip_size);
  const auto logits = network_logits(ops, chip, config.name, config.options, config.classes);
  ops.output("logits", logits);
  ops.output("probabilities", ops.softmax(ops.scale(logits, 1 / config.temperature)));
}

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

/// The network's parameters, outputs and multiply-adds per face.
SpecOps describe_network(const NetworkConfig& config);

}  // namespace regard
