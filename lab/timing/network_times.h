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

/// What the network's backbone costs alone and in every network of attention: plain, ran (the paper's fixed
/// regions, each an image of its own), ran-shared (the same regions, cut from one map of features) and
/// phanet (three scales, each found in the one before). All have `like`'s backbone, size of input,
/// normalisation, chips and classes, and look at the face once: not mirrored, at one zoom.
std::vector<NamedNetwork> networks_to_compare(const NetworkConfig& like);

struct NetworkTime {
  std::string name;
  int chips = 1;            ///< in one call
  double milliseconds = 0;  ///< a face
  double ratio = 1;         ///< to the first network's, at as many chips
};

/// Measures the engine on random chips, so many a call as `batches` say one after the other: in every round
/// each network once, in turn. Medians of the rounds; of ratios, too, whose both sides are of one round.
/// Weights are fresh, since time does not ask for their values. Throws Error for no networks and for numbers
/// below 1, else as Engine does.
std::vector<NetworkTime> measure_networks(const std::vector<NamedNetwork>& networks,
                                          const EngineOptions& options, const std::vector<int>& batches,
                                          int runs);

}  // namespace regard
