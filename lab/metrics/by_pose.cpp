#include "lab/metrics/by_pose.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "regard/core/error.h"

namespace regard {

namespace {

constexpr std::size_t kMostViews = 40;  // BU-3DFE's 35, Multi-PIE's 15; estimated poses are all different
constexpr float kFar = 180;
constexpr std::array kEnds{-kFar, -45.f, -30.f, -15.f, 15.f, 30.f, 45.f, kFar};

std::string degrees(double angle) {
  return std::to_string(std::lround(angle));
}

std::string name_of_bin(const Interval& yaw) {
  if (yaw.low <= -kFar) return "yaw below " + degrees(yaw.high);
  if (yaw.high >= kFar) return "yaw above " + degrees(yaw.low);
  return "yaw " + degrees(yaw.low) + " to " + degrees(yaw.high);
}

std::vector<PoseGroup> bins(std::size_t classes) {
  std::vector<PoseGroup> groups;
  for (std::size_t i = 0; i + 1 < kEnds.size(); ++i) {
    const Interval yaw{kEnds[i], kEnds[i + 1]};
    groups.push_back({name_of_bin(yaw), yaw, {-kFar, kFar}, Metrics(classes)});
  }
  return groups;
}

using View = std::pair<float, float>;  // yaw, pitch

/// One for each view; with its pitch in the name where views have several.
std::vector<PoseGroup> fixed_views(const std::set<View>& views, std::size_t classes) {
  const bool pitched = std::ranges::any_of(views, [](const View& view) { return view.second != 0; });
  std::vector<PoseGroup> groups;
  for (const auto& [yaw, pitch] : views)
    groups.push_back({"yaw " + degrees(yaw) + (pitched ? ", pitch " + degrees(pitch) : ""),
                      {yaw, yaw},
                      {pitch, pitch},
                      Metrics(classes)});
  return groups;
}

void expect_rows(std::size_t expected, std::size_t got) {
  if (expected != got)
    throw Error("head poses do not fit the images", {}, std::to_string(expected) + " rows",
                std::to_string(got));
}

}  // namespace

bool PoseGroup::holds(const HeadPose& pose) const {
  return pose.yaw >= yaw.low && pose.yaw <= yaw.high && pose.pitch >= pitch.low && pose.pitch <= pitch.high;
}

double ByPose::mean_accuracy() const {
  double sum = 0;
  for (const auto& group : groups) sum += group.metrics.accuracy();
  return sum / static_cast<double>(groups.size());
}

std::optional<ByPose> measure_by_pose(const Scores& scores, std::span<const std::optional<HeadPose>> poses,
                                      double temperature) {
  expect_rows(scores.count(), poses.size());
  std::set<View> views;
  for (const auto& pose : poses)
    if (pose) views.emplace(pose->yaw, pose->pitch);
  if (views.empty()) return {};
  ByPose result;
  const bool whole = std::ranges::all_of(views, [](const View& view) {
    return view.first == std::round(view.first) && view.second == std::round(view.second);
  });
  auto groups =
      whole && views.size() <= kMostViews ? fixed_views(views, scores.classes) : bins(scores.classes);
  for (std::size_t i = 0; i < poses.size(); ++i) {
    if (!poses[i]) {
      ++result.unknown;
      continue;
    }
    const auto group = std::ranges::find_if(groups, [&](const auto& one) { return one.holds(*poses[i]); });
    group->metrics.add(scores.labels[i], softmax(scores.row(i), temperature));
  }
  std::erase_if(groups, [](const auto& group) { return group.metrics.count() == 0; });
  result.groups = std::move(groups);
  return result;
}

std::optional<PoseError> pose_error(std::span<const float> predicted,
                                    std::span<const std::optional<HeadPose>> poses) {
  expect_rows(predicted.size(), 3 * poses.size());
  PoseError error;
  for (std::size_t i = 0; i < poses.size(); ++i) {
    if (!poses[i]) continue;
    ++error.count;
    error.yaw += std::abs(predicted[3 * i] - poses[i]->yaw);
    error.pitch += std::abs(predicted[3 * i + 1] - poses[i]->pitch);
    error.roll += std::abs(predicted[3 * i + 2] - poses[i]->roll);
  }
  if (error.count == 0) return {};
  for (double* sum : {&error.yaw, &error.pitch, &error.roll}) *sum /= static_cast<double>(error.count);
  return error;
}

Json to_json(const ByPose& by_pose) {
  const auto pair_of = [](const Interval& interval) { return Json::array({interval.low, interval.high}); };
  Json groups = Json::array();
  for (const auto& group : by_pose.groups)
    groups.push_back({{"name", group.name},
                      {"yaw", pair_of(group.yaw)},
                      {"pitch", pair_of(group.pitch)},
                      {"accuracy", group.metrics.accuracy()},
                      {"count", group.metrics.count()},
                      {"interval", pair_of(group.metrics.accuracy_interval())}});
  Json json{{"groups", groups}, {"mean_accuracy", by_pose.mean_accuracy()}, {"unknown", by_pose.unknown}};
  if (by_pose.error)
    json["error"] = {{"count", by_pose.error->count},
                     {"yaw", by_pose.error->yaw},
                     {"pitch", by_pose.error->pitch},
                     {"roll", by_pose.error->roll}};
  return json;
}

}  // namespace regard
