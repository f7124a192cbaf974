#include "lab/datasets/packing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <memory>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/parallel.h"
#include "regard/face/alignment.h"
#include "regard/face/head_pose.h"
#include "regard/image/decode.h"

namespace regard {
namespace {

// Landmarks farther than this from the corner of the chip, in sides, are invalid.
constexpr float kFarthest = 4;
// Images in memory at once.
constexpr std::size_t kAtOnce = 64;

/// The upright square of pixels, as a map from the chip's pixels.
Affine square(Point centre, float side, int size) {
  const float scale = side / static_cast<float>(size);
  return {{scale, 0, centre.x - side / 2, 0, scale, centre.y - side / 2}};
}

Affine square_around(const Box& box, int size) {
  return square({box.x + box.width / 2, box.y + box.height / 2}, std::max(box.width, box.height), size);
}

/// Rotation of a chip in its image, in degrees: the roll of the head in the chip is smaller by that.
float roll_of(const Affine& chip_to_image) {
  return static_cast<float>(std::atan2(chip_to_image.m[3], chip_to_image.m[0]) * 180 / M_PI);
}

/// The square of a chip aligned to these landmarks, but upright.
Affine upright_square(const Landmarks& landmarks, const ChipOptions& chip) {
  const Affine turned = chip_to_image(landmarks, chip);
  const float half = static_cast<float>(chip.size) / 2;
  return square(turned({half, half}), std::hypot(turned.m[0], turned.m[3]) * 2 * half, chip.size);
}

/// Landmarks as fractions of the chip; none if they are far outside.
std::optional<Landmarks> in_chip(const Landmarks& landmarks, const Affine& chip_to_image, int size) {
  const Affine map = inverse(chip_to_image);
  Landmarks places;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Point p = map(landmarks[i]);
    places[i] = {p.x / static_cast<float>(size), p.y / static_cast<float>(size)};
    if (!(std::abs(places[i].x) < kFarthest && std::abs(places[i].y) < kFarthest)) return {};
  }
  return places;
}

/// Whether a similarity can be fitted to them.
bool is_usable(const Landmarks& landmarks, const ChipOptions& chip) {
  try {
    chip_to_image(landmarks, chip);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::uint8_t grey_of(const std::uint8_t* rgb) {
  return static_cast<std::uint8_t>(.299f * rgb[0] + .587f * rgb[1] + .114f * rgb[2] + .5f);
}

void append_planes(const Image& image, int channels, std::vector<std::uint8_t>& chips) {
  for (int c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < image.pixels.size(); i += 3)
      chips.push_back(channels == 1 ? grey_of(&image.pixels[i]) : image.pixels[i + c]);
}

/// Cuts the images of one data set into chips.
class Cutter {
 public:
  Cutter(const Dataset& dataset, const PackJob& job)
      : dataset_(dataset),
        options_(job.options),
        detector_file_(job.detector),
        face_mesh_file_(job.face_mesh) {
    chip_.size = options_.size > 0 ? options_.size : dataset.size;
  }

  int size() const { return chip_.size; }

  /// Appends the chip's pixels to `chips`; the sample with its landmarks, where they are known.
  Sample cut(const SourceImage& source, const std::string& bytes, std::vector<std::uint8_t>& chips) {
    if (dataset_.check) dataset_.check(bytes, source);
    const Image image = decode_image(std::as_bytes(std::span(bytes)), source.place + ": " + source.file);
    const auto landmarks = landmarks_of(source, image);
    const Affine map = frame_of(source, image, landmarks);
    append_planes(is_whole(map, image) ? image : cut_chip(image, map, chip_.size), dataset_.channels, chips);
    Sample sample = source.sample;
    if (landmarks) sample.landmarks = in_chip(*landmarks, map, chip_.size);
    if (sample.pose)
      sample.pose->roll -= roll_of(map);
    else if (options_.pose)
      sample.pose = pose_in_chip(image, landmarks, map);
    return sample;
  }

 private:
  std::optional<Landmarks> landmarks_of(const SourceImage& source, const Image& image) {
    std::optional<Landmarks> landmarks = source.landmarks;
    const bool lost = source.shows == Shows::photograph && !source.box;
    if (!landmarks && lost) landmarks = largest_face(image);
    if (!landmarks && !lost && (options_.landmarks || options_.align || options_.pose))
      landmarks = in_face(source, image);
    return landmarks && is_usable(*landmarks, chip_) ? landmarks : std::nullopt;
  }

  /// For images that are cropped faces, or have a box.
  std::optional<Landmarks> in_face(const SourceImage& source, const Image& image) {
    const int side = std::max(image.width, image.height);
    const Affine map = source.box
                           ? square_around(*source.box, chip_.size)
                           : square({image.width / 2.f, image.height / 2.f}, static_cast<float>(side), side);
    auto landmarks = find_landmarks(detector(), cut_chip(image, map, source.box ? chip_.size : side));
    if (landmarks)
      for (Point& p : *landmarks) p = map(p);
    return landmarks;
  }

  std::optional<Landmarks> largest_face(const Image& image) {
    const auto faces = detector().detect(image);
    const auto largest = std::max_element(
        faces.begin(), faces.end(), [](const auto& a, const auto& b) { return a.box.area() < b.box.area(); });
    return largest == faces.end() ? std::nullopt : std::optional(largest->landmarks);
  }

  /// Estimated in the image, which may show more than the chip; relative to the chip.
  std::optional<HeadPose> pose_in_chip(const Image& image, const std::optional<Landmarks>& landmarks,
                                       const Affine& map) {
    if (!head_pose_) head_pose_ = std::make_unique<HeadPoseEstimator>(face_mesh_file_, 1);
    Landmarks usual = landmark_places(chip_);
    const auto side = static_cast<float>(chip_.size);
    for (Point& p : usual) p = map({p.x * side, p.y * side});
    auto pose = pose_of_face(*head_pose_, image, usual, landmarks);
    if (pose) pose->roll = std::remainder(pose->roll - roll_of(map), 360.f);
    return pose;
  }

  Affine frame_of(const SourceImage& source, const Image& image,
                  const std::optional<Landmarks>& landmarks) const {
    if (landmarks && options_.align) return chip_to_image(*landmarks, chip_);
    if (source.shows == Shows::photograph && source.box) return square_around(*source.box, chip_.size);
    if (source.shows == Shows::photograph && landmarks) return upright_square(*landmarks, chip_);
    return square_around({0, 0, static_cast<float>(image.width), static_cast<float>(image.height)},
                         chip_.size);
  }

  /// Whether the image's own pixels are the chip's.
  bool is_whole(const Affine& map, const Image& image) const {
    return image.width == chip_.size && image.height == chip_.size && map.m == Affine{}.m;
  }

  const Detector& detector() {
    if (!detector_) detector_ = std::make_unique<Detector>(detector_file_, DetectorOptions{.threads = 1});
    return *detector_;
  }

  const Dataset& dataset_;
  PackOptions options_;
  ChipOptions chip_;
  std::filesystem::path detector_file_, face_mesh_file_;
  std::unique_ptr<Detector> detector_;
  std::unique_ptr<HeadPoseEstimator> head_pose_;
};

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Chosen by the name, so that it depends neither on the order nor on the other images.
bool is_held_out(const std::string& name, float share) {
  const std::string digits = sha256(std::as_bytes(std::span(name))).substr(0, 8);
  return static_cast<double>(std::stoul(digits, nullptr, 16)) < static_cast<double>(share) * 4294967296.0;
}

/// The images of the requested splits, including a validation split held out from the training split if the
/// set has none.
std::vector<SourceImage> list_images(const Dataset& dataset, Tree& tree, const PackJob& job) {
  const float share = job.options.valid_fraction;
  const bool holds_out = share > 0 && has(dataset.splits, "train") && !has(dataset.splits, "valid");
  std::vector<std::string> asked;
  for (const auto& split : job.splits) {
    const std::string from = holds_out && split == "valid" ? "train" : split;
    if (!has(dataset.splits, from)) {
      std::string known = holds_out ? "valid" : "";
      for (const auto& name : dataset.splits) known += (known.empty() ? "" : ", ") + name;
      throw Error("data set has no such split", dataset.name, known, split);
    }
    asked.push_back(from);
  }
  auto images = dataset.list(tree, asked);
  if (!images.empty() && !images.front().subject.empty())
    split_by_people(images, job.options.people, share);
  else if (holds_out)
    for (auto& source : images)
      if (source.sample.split == "train" && is_held_out(source.sample.name, share))
        source.sample.split = "valid";
  std::erase_if(images, [&](const SourceImage& p) { return !is_wanted(job.splits, p.sample.split); });
  return images;
}

void check_job(const Dataset& dataset, const PackJob& job) {
  const PackOptions& options = job.options;
  if (options.size < 0 || options.size > 1024)
    throw Error("chips cannot have this size", "size", "8 to 1024, or 0", std::to_string(options.size));
  if (dataset.check && options.size != 0 && options.size != dataset.size)
    throw Error("chips of this set have a size of their own", dataset.name, std::to_string(dataset.size),
                std::to_string(options.size));
  if (!(options.valid_fraction >= 0 && options.valid_fraction < 1))
    throw Error("share is out of range", "valid_fraction", "0 to below 1",
                std::to_string(options.valid_fraction));
}

/// An image's file and what becomes of it.
struct Piece {
  const SourceImage* source = nullptr;
  std::string bytes;
  Sample sample = {};
  std::vector<std::uint8_t> chip = {};
};

/// The next images with their files' bytes.
std::vector<Piece> read_pieces(Tree& tree, std::span<const SourceImage> images) {
  std::vector<Piece> pieces;
  for (const auto& source : images) {
    auto bytes = tree.read(source.file);
    if (!bytes) throw Error("image is missing: " + tree.place(source.file), source.place);
    pieces.push_back({&source, std::move(*bytes)});
  }
  return pieces;
}

/// Cuts all chips; each is handed on with its sample, in order.
template <class Take>
int cut_all(const Dataset& dataset, const PackJob& job, Take take) {
  check_job(dataset, job);
  const auto tree = Tree::open(job.source);
  const auto images = list_images(dataset, *tree, job);
  // The face networks are too small for more than one thread each.
  std::vector<Cutter> cutters;
  for (std::size_t i = 0; i < usual_threads(); ++i) cutters.emplace_back(dataset, job);
  const auto total = static_cast<std::int64_t>(images.size());
  for (std::size_t done = 0; done < images.size();) {
    const auto count = std::min(kAtOnce, images.size() - done);
    auto pieces = read_pieces(*tree, std::span(images).subspan(done, count));
    for_each_index(count, cutters.size(), [&](std::size_t thread, std::size_t i) {
      Piece& piece = pieces[i];
      piece.sample = cutters[thread].cut(*piece.source, piece.bytes, piece.chip);
    });
    for (auto& piece : pieces) take(std::move(piece.sample), piece.chip);
    done += count;
    if (job.progress) job.progress(static_cast<std::int64_t>(done), total);
  }
  return cutters[0].size();
}

/// A temporary file of chips next to the packed set.
class ChipFile {
 public:
  explicit ChipFile(const std::filesystem::path& out) : path_(out.string() + ".chips.tmp") {
    if (out.has_parent_path()) std::filesystem::create_directories(out.parent_path());
    stream_.open(path_, std::ios::binary | std::ios::trunc);
  }
  ~ChipFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ChipFile(const ChipFile&) = delete;
  ChipFile& operator=(const ChipFile&) = delete;

  void append(const std::vector<std::uint8_t>& chip) {
    stream_.write(reinterpret_cast<const char*>(chip.data()), static_cast<std::streamsize>(chip.size()));
    if (!stream_) throw Error("file cannot be written", path_.string());
  }
  MappedFile finish() {
    stream_.close();
    if (!stream_) throw Error("file cannot be written", path_.string());
    return map_file(path_);
  }

 private:
  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace

LoadedDataset read_dataset(const Dataset& dataset, const PackJob& job) {
  LoadedDataset loaded;
  loaded.channels = dataset.channels;
  loaded.size = cut_all(dataset, job, [&](Sample sample, const std::vector<std::uint8_t>& chip) {
    loaded.samples.push_back(std::move(sample));
    loaded.chips.insert(loaded.chips.end(), chip.begin(), chip.end());
  });
  return loaded;
}

void pack_dataset(const Dataset& dataset, const PackJob& job, const std::filesystem::path& out) {
  ChipFile file(out);
  std::vector<Sample> samples;
  const int size = cut_all(dataset, job, [&](Sample sample, const std::vector<std::uint8_t>& chip) {
    samples.push_back(std::move(sample));
    file.append(chip);
  });
  const MappedFile chips = file.finish();
  PackedDataset::write(out, dataset.name, dataset.labels, dataset.source, dataset.channels, size, samples,
                       {reinterpret_cast<const std::uint8_t*>(chips.bytes.data()), chips.bytes.size()});
}

std::optional<Landmarks> find_landmarks(const Detector& detector, ImageView face) {
  const auto inside = [&](const Detection& found) {
    const float x = found.box.x + found.box.width / 2, y = found.box.y + found.box.height / 2;
    return x > 0 && y > 0 && x < static_cast<float>(face.width) && y < static_cast<float>(face.height);
  };
  for (const auto& found : detector.detect(face))  // best first
    if (inside(found)) return found.landmarks;
  return {};
}

}  // namespace regard
