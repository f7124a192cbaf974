#include "lab/reproduce/image_sets.h"

#include <algorithm>

#include "lab/datasets/dataset.h"
#include "lab/datasets/merging.h"
#include "lab/datasets/occluded_split.h"
#include "lab/datasets/packing.h"
#include "regard/core/chip.h"
#include "regard/core/file.h"
#include "regard/core/random.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDrawSeed = 1, kOccluderSeed = 1;
constexpr const char* kValid = "valid";

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

std::string short_hash(const std::string& text) {
  return sha256(std::as_bytes(std::span(text))).substr(0, 8);
}

/// The name of a file in the folder of packs: from the images, the packing options, and their source.
std::string pack_name(const ImagesKey& key, const std::string& source) {
  return key.name() + (key.posed ? "-posed" : "") + (key.size > 0 ? "-" + std::to_string(key.size) : "") +
         (key.held_out ? "" : "-whole") + "-" + short_hash(source) + ".pack";
}

std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts{""};
  for (const char letter : name)
    if (letter == '+')
      parts.emplace_back();
    else
      parts.back() += letter;
  return parts;
}

bool has_split(const PackedDataset& packed, const std::string& split) {
  const auto& splits = packed.splits();
  return std::find(splits.begin(), splits.end(), split) != splits.end();
}

}  // namespace

std::string ImagesKey::name() const {
  return dataset + (aligned ? "-aligned" : "") + (folds > 0 ? "-fold" + std::to_string(fold) : "");
}

const DataAtHand* ImageSource::at_hand(const std::string& name) const {
  const auto found = options_.data.find(name);
  return found == options_.data.end() ? nullptr : &found->second;
}

fs::path ImageSource::pack(const ImagesKey& key) {
  if (const auto* own = at_hand(key.name()); own && is_packed(own->path)) return own->path;
  if (parts_of(key.dataset).size() > 1) return merged(key);
  auto bare = key;
  bare.folds = 0;
  const auto* given = at_hand(bare.name());  // a folder of faces that are aligned already
  auto wanted = key;
  if (given && key.aligned) wanted.aligned = false;
  if (!given) given = at_hand(key.dataset);
  if (!given)
    throw Unavailable("needs " + key.dataset + ", which is not available (--data " + key.dataset + "=DIR)");
  if (!is_packed(given->path)) return packed_now(wanted, given->path);
  if (wanted.aligned)
    throw Unavailable("needs aligned faces, and " + key.dataset +
                      " is packed as it is (give its folder, or --data " + key.name() + "=PACK)");
  if (key.folds > 0)
    throw Unavailable("needs folds of people, and " + key.dataset +
                      " is packed as one (give its folder, or --data " + key.name() + "=PACK)");
  return given->path;
}

fs::path ImageSource::merged(const ImagesKey& key) {
  std::vector<fs::path> packs;
  std::string hashes;
  for (const auto& part : parts_of(key.dataset)) {
    auto one = key;
    one.dataset = part;
    packs.push_back(pack(one));
    hashes += PackedDataset::open(packs.back()).sha256();
  }
  const auto out = options_.folder / pack_name(key, hashes);
  if (!fs::exists(out)) merge_packed(packs, out);
  return out;
}

fs::path ImageSource::packed_now(const ImagesKey& key, const fs::path& source) {
  const auto& dataset = find_dataset(key.dataset);
  auto named = key;
  if (dataset.check) named.size = 0;  // its chips have a size of their own
  if (std::ranges::find(dataset.splits, kValid) != dataset.splits.end())
    named.held_out = true;  // it has its own
  const auto out = options_.folder / pack_name(named, fs::absolute(source).lexically_normal().string());
  if (fs::exists(out)) return out;
  if (options_.say)
    options_.say("packing " + source.string() + (key.aligned ? ", aligned," : "") +
                 (key.posed ? ", with head poses," : "") + " into " + out.string());
  PackJob job;
  job.source = source;
  job.detector = options_.detector;
  job.face_mesh = options_.face_mesh;
  job.options.size = named.size;
  if (!named.held_out) job.options.valid_fraction = 0;
  job.options.pose = key.posed;
  job.options.align = job.options.landmarks = key.aligned;
  if (key.folds > 0) job.options.people = {.folds = key.folds, .fold = key.fold};
  pack_dataset(dataset, job, out);
  return out;
}

std::string ImageSource::split_of(const ImagesKey& key) {
  for (const auto& name : {key.name(), key.dataset})
    if (const auto* given = at_hand(name); given && !given->split.empty()) return given->split;
  if (!options_.split.empty()) return options_.split;
  return has_split(PackedDataset::open(pack(key)), key.split) ? key.split : kValid;
}

std::shared_ptr<const EvaluatedSet> ImageSource::load(const ImagesKey& key, bool occluded) {
  auto& known = loaded_[{key, occluded}];
  if (known) return known;
  auto file = pack(key);
  const auto split = split_of(key);
  auto loaded = std::make_shared<EvaluatedSet>();
  if (!has_split(PackedDataset::open(file), split))
    throw Unavailable(key.dataset + " has no part '" + split + "' at hand");
  if (occluded) {
    const auto packed = PackedDataset::open(file);
    file =
        options_.folder / (key.name() + "-" + split + "-occluded-" + packed.sha256().substr(0, 8) + ".pack");
    if (!fs::exists(file))
      write_occluded(packed, split, kOccluderSeed, file, fs::path(file).replace_extension(".txt"));
    loaded->words = "with synthetic occluders pasted over them (seed " + std::to_string(kOccluderSeed) + ")";
  }
  const auto packed = PackedDataset::open(file);
  loaded->set = sampled(load_evaluation_set("", file, split, 0), options_.images);
  loaded->hash = packed.sha256();
  loaded->size = packed.size();
  loaded->notes = packed.notes();
  return known = std::move(loaded);
}

fs::path ImageSource::list_of(const ImagesKey& key, const std::string& column) {
  for (const auto& name : {key.name(), key.dataset})
    if (const auto* given = at_hand(name))
      if (const auto list = given->lists.find(column); list != given->lists.end()) return list->second;
  if (options_.shipped_lists.empty()) return {};
  const auto shipped = options_.shipped_lists / (key.dataset + "-" + split_of(key) + "-" + column + ".txt");
  return fs::exists(shipped) ? shipped : fs::path();
}

std::string ImageSource::whole_words(const EvaluatedSet& images) const {
  return (options_.images > 0 ? "drawn from " : "all of ") + images.set.split;
}

void write_made_images(const std::string& dataset, const fs::path& out, std::uint64_t seed) {
  constexpr int kSide = 32, kCount = 24;
  constexpr const char* kSplits[] = {"train", "train", "valid", "test"};
  const auto& labels = find_dataset(dataset).labels;
  const int channels = find_dataset(dataset).channels;
  std::vector<Sample> samples;
  std::vector<std::uint8_t> chips;
  SplitMix64 random(seed);
  for (int i = 0; i < 2 * kCount; ++i) {
    const auto label = static_cast<std::size_t>(i) % labels.size();
    Sample sample{"made" + std::to_string(i) + ".png", kSplits[4 * i / (2 * kCount)], static_cast<int>(label),
                  one_hot(static_cast<int>(label), labels.size())};
    sample.landmarks = landmark_places(ChipOptions{});
    sample.pose = HeadPose{static_cast<float>(i % 4 * 20), 0, 0};
    samples.push_back(std::move(sample));
    for (int value = 0; value < channels * kSide * kSide; ++value)
      chips.push_back(static_cast<std::uint8_t>(label * 28 + random.next() % 32));
  }
  write_packed(out, dataset, labels, "made images", channels, kSide, samples, chips);
}

}  // namespace regard
