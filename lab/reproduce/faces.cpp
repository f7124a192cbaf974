#include "lab/reproduce/faces.h"

#include <cmath>
#include <limits>

#include "lab/reproduce/columns.h"
#include "regard/network/network.h"
#include "regard/region/schemes.h"

namespace regard {

namespace {

/// The first row's images; none if no row was run.
const ImagesKey* key_of(const TableRun& run) {
  for (const auto& result : run.table.rows)
    if (!result.images.empty()) return &result.images.front();
  return nullptr;
}

void add_face(TableRun& run, const EvaluationSet& set, std::size_t at, const std::string& why) {
  const auto label = static_cast<std::size_t>(set.truth[at]);
  run.table.faces.push_back({set.names[at], set.labels[label], why, set.chips[at], {}});
}

/// [k, 2, 3]
std::vector<Affine> affines_of(std::span<const float> values) {
  std::vector<Affine> affines;
  for (std::size_t i = 0; i + 6 <= values.size(); i += 6)
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i), 6, affines.emplace_back().m.begin());
  return affines;
}

/// The attention of every row's network on the selected faces.
void attend(TableRun& run) {
  for (const auto& result : run.table.rows) {
    for (auto& face : run.table.faces) face.rows.emplace_back();
    if (!result.is_run() || result.models.empty()) continue;
    const auto model = run.runs.load(result.model(), result.row.evaluate);
    const auto names = attended_views(model.network);
    if (names.empty()) continue;
    const auto regions = attended_regions(model.network);
    const auto usual = landmark_places(model.chip());
    const Engine engine(model, run.options.engine);
    for (auto& face : run.table.faces) {
      const ImageView chip = face.chip;
      const auto said = engine.predict({&chip, 1}, {&usual, 1});
      face.rows.back() = {names, regions ? views_of_face(*regions, usual) : affines_of(said.places),
                          said.view_weights};
    }
  }
}

void choose_faces(TableRun& run, const ImagesKey& key, const std::string& name, const std::string& why,
                  std::size_t wanted) {
  try {
    const auto& column = find_column(name, run.table.manifest.name);
    const auto part = column.find(run.images, key, column);
    for (std::size_t i = 0; i < wanted; ++i)
      add_face(run, part.images->set, part.rows[(2 * i + 1) * part.rows.size() / (2 * wanted)], why);
  } catch (const Unavailable&) {
    return;  // the others are shown all the same
  }
}

std::size_t nearest_to(const EvaluationSet& set, float yaw) {
  const auto far = [&](std::size_t i) {
    return set.poses[i] ? std::abs(set.poses[i]->yaw - yaw) : std::numeric_limits<float>::infinity();
  };
  std::size_t nearest = 0;
  for (std::size_t i = 1; i < set.count(); ++i)
    if (far(i) < far(nearest)) nearest = i;
  return nearest;
}

}  // namespace

void show_attention(TableRun& run) {
  constexpr std::size_t kFaces = 5;
  const auto* key = key_of(run);
  if (!key) return;
  choose_faces(run, *key, "occlusion", "occluded", 2);
  choose_faces(run, *key, "pose30", "turned", 2);
  choose_faces(run, *key, "all", "any", kFaces - run.table.faces.size());
  attend(run);
}

void show_turned_faces(TableRun& run) {
  const auto* key = key_of(run);
  if (!key) return;
  const auto images = run.images.load(*key, false);
  const auto& set = images->set;
  for (const float yaw : {-45.f, -25.f, 0.f, 25.f, 45.f}) {
    const auto nearest = nearest_to(set, yaw);
    if (!set.poses[nearest]) return;
    add_face(run, set, nearest, "turned by " + std::to_string(std::lround(set.poses[nearest]->yaw)) + "°");
  }
  attend(run);
}

}  // namespace regard
