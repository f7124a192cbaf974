#include "lab/reproduce/columns.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lab/datasets/lists.h"
#include "lab/reproduce/named.h"

namespace regard {

namespace {

/// The larger of |yaw| and |pitch|, in degrees; roll is ignored.
float turn_of(const HeadPose& pose) {
  return std::max(std::abs(pose.yaw), std::abs(pose.pitch));
}

std::string degrees_words(double degrees) {
  return std::to_string(std::lround(degrees)) + " degrees";
}

/// The images in a list; optionally of one type of occlusion only.
ColumnImages listed(ImageSource& source, const ImagesKey& key, const std::filesystem::path& list,
                    const std::string& type) {
  const auto images = source.load(key, false);
  const auto match = match_list(read_list(list), images->set.names, list.string());
  ColumnImages found{images, {}, "list " + list.filename().string()};
  for (std::size_t i = 0; i < match.members.size(); ++i)
    if (type.empty() || match.types[i] == type) found.rows.push_back(match.members[i]);
  if (match.absent > 0)
    found.words += ", " + std::to_string(match.absent) + " of its images not in the split";
  if (match.repeated > 0)
    found.words += ", " + std::to_string(match.repeated) + " of its lines repeat an image";
  if (found.rows.empty()) throw Unavailable("list " + list.string() + " has no image of this type");
  return found;
}

ColumnImages find_all(ImageSource& source, const ImagesKey& key, const Column&) {
  const auto images = source.load(key, false);
  return {images, all_rows(images->set.count()), source.whole_words(*images)};
}

ColumnImages find_occluded(ImageSource& source, const ImagesKey& key, const Column& column) {
  if (const auto list = source.list_of(key, column.name); !list.empty()) return listed(source, key, list, "");
  const auto images = source.load(key, true);
  return {images, all_rows(images->set.count()), source.whole_words(*images) + ", " + images->words};
}

ColumnImages find_type(ImageSource& source, const ImagesKey& key, const Column& column) {
  const auto list = source.list_of(key, "occlusion");
  if (list.empty()) throw Unavailable("no list (--subset " + key.dataset + ":occlusion=LIST)");
  return listed(source, key, list, column.name);
}

std::shared_ptr<const EvaluatedSet> posed_images(ImageSource& source, const ImagesKey& key,
                                                 const Column& column) {
  const auto images = source.load(key, false);
  if (std::ranges::none_of(images->set.poses, [](const auto& pose) { return pose.has_value(); }))
    throw Unavailable("no list (--subset " + key.dataset + ":" + column.name + "=LIST), no head poses");
  return images;
}

ColumnImages find_turned(ImageSource& source, const ImagesKey& key, const Column& column) {
  if (const auto list = source.list_of(key, column.name); !list.empty()) return listed(source, key, list, "");
  const auto images = posed_images(source, key, column);
  ColumnImages found{
      images, {}, "|yaw| or |pitch| above " + degrees_words(column.value) + " by the packed head poses"};
  const auto& poses = images->set.poses;
  for (std::size_t i = 0; i < poses.size(); ++i)
    if (poses[i] && turn_of(*poses[i]) > static_cast<float>(column.value)) found.rows.push_back(i);
  if (found.rows.empty()) throw Unavailable("no face has such a pose");
  return found;
}

/// The fraction of the images with the largest poses, as many as in the authors' lists.
ColumnImages find_furthest(ImageSource& source, const ImagesKey& key, const Column& column) {
  if (const auto list = source.list_of(key, column.name); !list.empty()) return listed(source, key, list, "");
  const auto images = posed_images(source, key, column);
  const auto& poses = images->set.poses;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < poses.size(); ++i)
    if (poses[i]) order.push_back(i);
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return turn_of(*poses[i]); });
  const auto wanted = std::lround(column.value * static_cast<double>(images->set.count()));
  order.resize(std::clamp<std::size_t>(static_cast<std::size_t>(wanted), 1, order.size()));
  const auto least = turn_of(*poses[order.back()]);
  std::ranges::sort(order);
  return {images, order,
          "the " + std::to_string(std::lround(100 * column.value)) +
              " % with the largest |yaw| or |pitch| (" + degrees_words(least) +
              " and more) by the packed head poses"};
}

}  // namespace

const std::vector<Column>& table_columns() {
  static const std::vector<Column> kAll{
      {"all", "all", "All faces", 0, find_all},
      {"occlusion", "occlusion", "Occluded faces", 0, find_occluded},
      {"upper", "upper part", "Upper part occluded", 0, find_type},
      {"bottom", "lower part", "Lower part occluded", 0, find_type},
      {"left-right", "left or right", "Left or right part occluded", 0, find_type},
      {"glasses-mask", "glasses or mask", "Glasses or mask", 0, find_type},
      {"pose30", "pose > 30°", "Faces with |yaw| or |pitch| above 30°", 30, find_turned},
      {"pose45", "pose > 45°", "Faces with |yaw| or |pitch| above 45°", 45, find_turned},
      {"large_pose37", "37 % largest pose", "The 37 % of the faces with the largest poses", .37,
       find_furthest},
      {"large_pose20", "20 % largest pose", "The 20 % of the faces with the largest poses", .20,
       find_furthest},
      {"milliseconds", "milliseconds", "Time of one face"}};
  return kAll;
}

const Column& find_column(const std::string& name, const std::string& where) {
  return find_named(table_columns(), name, "column", where);
}

}  // namespace regard
