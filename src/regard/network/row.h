#pragma once

#include <optional>
#include <string>
#include <vector>

#include "regard/core/options.h"
#include "regard/region/schemes.h"

namespace regard {

/// A view that a network weights.
struct AttendedView {
  int number = 0;    ///< among all views that the network could have
  std::string name;  ///< what people call it
};

/// The interface of a row of the table of networks (table.h). A row adds its name and its builder,
///
///     static constexpr const char* kName;
///     template <class Ops> static Value<Ops> logits(Ops&, const Value<Ops>& chip, int classes, const
///     Options&);
///
/// which works with every executor, and overrides these defaults: a network that weights no views and
/// predicts no pose.
template <class NetworkOptions>
struct NetworkRow {
  using Options = NetworkOptions;

  /// The key of its input options; empty: at the top level.
  static constexpr const char* kSeenKey = "views";

  /// The views that it weights, in order; none if there is only one.
  static std::vector<AttendedView> views(const Options&) { return {}; }

  /// The regions that these views are, where they are such.
  static std::optional<RegionOptions> regions(const Options&) { return {}; }

  /// Changes options so that only these views are weighted.
  static void keep_views(Json&, const std::vector<int>&) {}

  /// Whether the output "pose" is yaw, pitch and roll of the head.
  static bool predicts_pose(const Options&) { return false; }
};

}  // namespace regard
