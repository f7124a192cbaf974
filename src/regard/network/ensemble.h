#pragma once

#include <string>
#include <vector>

#include "regard/core/options.h"
#include "regard/network/row.h"
#include "regard/ops/spec.h"

namespace regard {

/// A network of an ensemble: a name in the table of networks, with its own temperature.
struct EnsembleMember {
  std::string name = "plain";
  Json options = Json::object();
  float temperature = 1;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("name", name, "name in the table of networks");
    visit("options", options, "options of the network");
    visit("temperature", temperature, "the logits are divided by it before the softmax");
  }
};

/// Several networks on the same chip, combined by the mean of their probabilities.
struct EnsembleOptions {
  std::vector<Json> members;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("members", members, "the networks, each with its name, options and temperature");
  }
};

/// Prefix of the names of a member's parameters and outputs; the first is member 1.
inline std::string name_of_member(std::size_t index) {
  return "member_" + std::to_string(index + 1);
}

/// Logits [n, classes], whose softmax is the mean of the members' probabilities. `run` builds a member's
/// network and returns its logits. Throws Error for fewer than two members.
template <class Ops, class Run>
Value<Ops> ensemble(Ops& ops, const EnsembleOptions& options, Run run) {
  if (options.members.size() < 2)
    throw Error("ensemble has too few members", "members", "2 or more",
                std::to_string(options.members.size()));
  std::vector<Value<Ops>> scores;
  for (std::size_t i = 0; i < options.members.size(); ++i) {
    EnsembleMember member;
    from_json(options.members[i], member, "network options: " + name_of_member(i));
    if (!(member.temperature > 0))
      throw Error("number is out of range", name_of_member(i) + ".temperature", "above 0",
                  std::to_string(member.temperature));
    const auto logits = ops.within(name_of_member(i), [&] { return run(member); });
    scores.push_back(ops.split_views(ops.softmax(ops.scale(logits, 1 / member.temperature)), 1));
  }
  return ops.log(ops.mean_of_views(ops.join_views(scores)));
}

/// Of any network of the table: see table.h.
template <class Ops>
Value<Ops> network_logits(Ops& ops, const Value<Ops>& chip, const std::string& name, const Json& given,
                          int classes);

struct EnsembleRow : NetworkRow<EnsembleOptions> {
  static constexpr const char* kName = "ensemble";

  template <class Ops>
  static Value<Ops> logits(Ops& ops, const Value<Ops>& chip, int classes, const EnsembleOptions& options) {
    return ensemble(ops, options, [&](const EnsembleMember& member) {
      return network_logits(ops, chip, member.name, member.options, classes);
    });
  }
};

}  // namespace regard
