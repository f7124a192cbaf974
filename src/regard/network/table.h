#pragma once

#include "regard/core/table.h"
#include "regard/network/baselines.h"
#include "regard/network/ensemble.h"
#include "regard/network/network.h"
#include "regard/network/phanet.h"
#include "regard/network/plain.h"
#include "regard/network/ran.h"

namespace regard {

/// The table of networks, the only place where the name of a network is mapped to its function.
using Networks = TypeTable<PlainRow, RanRow, RegionBaselineRow, PhanetRow, EnsembleRow>;

/// Calls `use` with the row of a network and its options. Throws Error for an unknown network or option.
template <class Use>
auto with_network(const std::string& name, const Json& given, Use&& use) {
  return Networks::with(name, "network", [&]<class Row>(Row row) {
    typename Row::Options options;
    from_json(given, options, "network options");
    return use(row, options);
  });
}

/// The logits [n, classes] of the network of this name for chips [n, 3, s, s]. Throws Error for an unknown
/// network or option.
template <class Ops>
Value<Ops> network_logits(Ops& ops, const Value<Ops>& chip, const std::string& name, const Json& given,
                          int classes) {
  return with_network(name, given, [&](auto row, const auto& options) -> Value<Ops> {
    return row.logits(ops, chip, classes, options);
  });
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

}  // namespace regard
