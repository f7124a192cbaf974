#pragma once

#include <optional>
#include <string>
#include <vector>

#include "regard/core/options.h"
#include "regard/region/schemes.h"

namespace regard {

/// A view that a network weighs.
struct AttendedView {
  int number = 0;    ///< among all views that the network could have
  std::string name;  ///< what people call it
};

/// What a row of the table of networks (table.h) says. A row adds its name and its builder,
///
///     static constexpr const char* kName;
///     template <class Ops> static Value<Ops> logits(Ops&, const Value<Ops>& chip, int classes, const
///     Options&);
///
/// which serves every executor, and says anew what is true of it: as it stands here, a network weighs no
/// views and predicts no pose.
template <class NetworkOptions>
struct NetworkRow {
  using Options = NetworkOptions;

  /// Under which key its options hold what it sees of a face; empty: beside the others.
  static constexpr const char* kSeenKey = "views";

  /// The views that it weighs, in order; none where there is nothing to choose from.
  static std::vector<AttendedView> views(const Options&) { return {}; }

  /// The regions that these views are, where they are such.
  static std::optional<RegionOptions> regions(const Options&) { return {}; }

  /// Changes options so that only the views of these numbers are weighed.
  static void keep_views(Json&, const std::vector<int>&) {}

  /// Whether the output "pose" is yaw, pitch and roll of the head.
  static bool predicts_pose(const Options&) { return false; }
};

}  // namespace regard
