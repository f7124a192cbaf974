#include "lab/reproduce/image_sets.h"

#include <algorithm>
#include <cmath>

#include "lab/datasets/dataset.h"
#include "lab/datasets/lists.h"
#include "lab/datasets/occluded_split.h"
#include "lab/datasets/packing.h"
#include "regard/core/chip.h"
#include "regard/core/file.h"
#include "regard/core/random.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDrawSeed = 1, kOccluderSeed = 1;

/// `images` of them in their order, drawn by a fixed seed; all where there are no more.
EvaluationSet sampled(EvaluationSet set, std::int64_t images) {
  const auto wanted = static_cast<std::size_t>(images);
  if (images <= 0 || wanted >= set.count()) return set;
  auto rows = all_rows(set.count());
  SplitMix64 random(kDrawSeed);
  for (std::size_t i = 0; i < wanted; ++i) std::swap(rows[i], rows[i + random.next() % (rows.size() - i)]);
  rows.resize(wanted);
  std::sort(rows.begin(), rows.end());
  EvaluationSet part{set.dataset, set.split, set.labels, {}, {}, {}, {}, {}};
  for (const auto row : rows) part.add(set, row, set.truth[row]);
  return part;
}

/// Names that a file in the folder of packs has for where its data came from.
std::string place_words(const fs::path& source) {
  const auto text = fs::absolute(source).lexically_normal().string();
  return sha256(std::as_bytes(std::span(text))).substr(0, 8);
}

}  // namespace

fs::path ImageSetSource::pack(const ImageSetKey& key) {
  auto found = options_.data.find(key.name());
  const bool aligned_given = found != options_.data.end() && key.aligned;
  if (found == options_.data.end()) found = options_.data.find(key.dataset);
  if (found == options_.data.end())
    throw Unavailable("needs " + key.dataset + ", which is not available (--data " + key.dataset + "=DIR)");
  const auto& source = found->second;
  if (is_packed(source)) {
    if (key.aligned && !aligned_given)
      throw Unavailable("needs aligned faces, and " + key.dataset +
                        " is packed as it is (give its folder, or --data " + key.name() + "=PACK)");
    return source;
  }
  const auto out =
      options_.folder / (key.name() + (key.posed ? "-posed-" : "-") + place_words(source) + ".pack");
  if (fs::exists(out)) return out;
  if (options_.say)
    options_.say("packing " + source.string() + (key.aligned ? ", aligned," : "") +
                 (key.posed ? ", with head poses," : "") + " into " + out.string());
  PackJob job{.source = source, .detector = options_.detector, .face_mesh = options_.face_mesh};
  job.options.pose = key.posed;
  job.options.align = job.options.landmarks = key.aligned && !aligned_given;
  pack_dataset(find_dataset(key.dataset), job, out);
  return out;
}

std::shared_ptr<const EvaluatedSet> ImageSetSource::load(const ImageSetKey& key, bool occluded) {
  auto& known = loaded_[{key, occluded}];
  if (known) return known;
  auto file = pack(key);
  auto loaded = std::make_shared<EvaluatedSet>();
  if (occluded) {
    const auto packed = PackedDataset::open(file);
    file = options_.folder / (key.name() + "-occluded-" + packed.sha256().substr(0, 8) + ".pack");
    if (!fs::exists(file))
      write_occluded(packed, options_.split, kOccluderSeed, file, fs::path(file).replace_extension(".txt"));
    loaded->words = "with synthetic occluders pasted over them (seed " + std::to_string(kOccluderSeed) + ")";
  }
  const auto packed = PackedDataset::open(file);
  if (std::find(packed.splits().begin(), packed.splits().end(), options_.split) == packed.splits().end())
    throw Unavailable(key.dataset + " has no split '" + options_.split + "'");
  loaded->set = sampled(load_evaluation_set("", file, options_.split, 0), options_.images);
  loaded->hash = packed.sha256();
  return known = std::move(loaded);
}

/// Empty if there is none.
fs::path ImageSetSource::list_of(const std::string& dataset, const std::string& column) const {
  for (const auto& list : options_.lists)
    if (list.name == column) return list.file;
  if (options_.shipped_lists.empty()) return {};
  const auto shipped = options_.shipped_lists / (dataset + "-" + options_.split + "-" + column + ".txt");
  return fs::exists(shipped) ? shipped : fs::path();
}

ColumnImages ImageSetSource::by_pose(const ImageSetKey& key, float degrees) {
  const auto images = load(key, false);
  const auto& poses = images->set.poses;
  if (std::ranges::none_of(poses, [](const auto& pose) { return pose.has_value(); }))
    throw Unavailable("no list (--subset pose" + std::to_string(std::lround(degrees)) +
                      "=LIST), no head poses");
  ColumnImages column{
      images,
      {},
      "|yaw| or |pitch| above " + std::to_string(std::lround(degrees)) + " degrees by the packed head poses"};
  for (std::size_t i = 0; i < poses.size(); ++i)
    if (poses[i] && std::max(std::abs(poses[i]->yaw), std::abs(poses[i]->pitch)) > degrees)
      column.rows.push_back(i);
  if (column.rows.empty()) throw Unavailable("no face has such a pose");
  return column;
}

ColumnImages ImageSetSource::column(const ImageSetKey& key, const std::string& column) {
  const auto list = list_of(key.dataset, column);
  const auto whole = (options_.images > 0 ? "drawn from " : "all of ") + options_.split;
  if (column == "all") {
    const auto images = load(key, false);
    return {images, all_rows(images->set.count()), whole};
  }
  if (!list.empty()) {
    const auto images = load(key, false);
    const auto match = match_list(read_list(list), images->set.names, list.string());
    return {images, match.members, "list " + list.filename().string()};
  }
  if (column == "occlusion") {
    const auto images = load(key, true);
    return {images, all_rows(images->set.count()), whole + ", " + images->words};
  }
  return by_pose(key, column == "pose30" ? 30.f : 45.f);
}

void write_made_images(const std::string& dataset, const fs::path& out, std::uint64_t seed) {
  constexpr int kSide = 32, kCount = 24, kTrained = 12;
  const auto& labels = find_dataset(dataset).labels;
  const int channels = find_dataset(dataset).channels;
  std::vector<Sample> samples;
  std::vector<std::uint8_t> chips;
  SplitMix64 random(seed);
  for (int i = 0; i < kCount; ++i) {
    const auto label = static_cast<std::size_t>(i) % labels.size();
    Sample sample{"made" + std::to_string(i) + ".png", i < kTrained ? "train" : "valid",
                  static_cast<int>(label), one_hot(static_cast<int>(label), labels.size())};
    sample.landmarks = landmark_places(ChipOptions{});
    sample.pose = HeadPose{static_cast<float>(i % 4 * 20), 0, 0};
    samples.push_back(std::move(sample));
    for (int value = 0; value < channels * kSide * kSide; ++value)
      chips.push_back(static_cast<std::uint8_t>(label * 28 + random.next() % 32));
  }
  PackedDataset::write(out, dataset, labels, "made images", channels, kSide, samples, chips);
}

}  // namespace regard
