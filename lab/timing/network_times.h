#pragma once

#include <string>
#include <vector>

#include "regard/engine/engine.h"

namespace regard {

/// A network and what it is called beside others.
struct NamedNetwork {
  std::string name;
  NetworkConfig network;
};

/// Networks for comparing costs: plain (the backbone alone), ran (the paper's fixed regions, each an image of
/// its own), ran-shared (the same regions, cut from one map of features) and phanet (three scales, each found
/// in the one before). All have `like`'s backbone, size of input, normalisation, chips and classes, without
/// flip test-time augmentation, at one zoom.
std::vector<NamedNetwork> networks_to_compare(const NetworkConfig& like);

struct NetworkTime {
  std::string name;         ///< of the network or the precision
  int chips = 1;            ///< in one call
  double milliseconds = 0;  ///< a face
  double ratio = 1;         ///< to the first network's, at as many chips
};

/// Measures the engine on random chips with the given batch sizes: in every round each network runs once.
/// Returns medians over rounds; ratios compare networks within a round. Weights are random, since they do not
/// affect the time. Throws Error for no networks and for numbers below 1, else as Engine does.
std::vector<NetworkTime> measure_networks(const std::vector<NamedNetwork>& networks,
                                          const EngineOptions& options, const std::vector<int>& batches,
                                          int runs);

/// The same for one model in every precision that it has, f32 first.
std::vector<NetworkTime> measure_precisions(const Model& model, const EngineOptions& options,
                                            const std::vector<int>& batches, int runs);

}  // namespace regard
