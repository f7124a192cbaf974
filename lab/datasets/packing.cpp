#include "lab/datasets/packing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>

#include "lab/datasets/chip_file.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/parallel.h"
#include "regard/core/text.h"
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
  return static_cast<std::uint8_t>(std::lround(.299f * rgb[0] + .587f * rgb[1] + .114f * rgb[2]));
}

/// Whether all pixels are equal up to compression noise: black images, or grey placeholders. A face never is.
bool is_of_one_colour(const Image& image) {
  constexpr int kMostRange = 4;  // of 255
  std::array<std::uint8_t, 3> least{255, 255, 255}, most{0, 0, 0};
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    least[i % 3] = std::min(least[i % 3], image.pixels[i]);
    most[i % 3] = std::max(most[i % 3], image.pixels[i]);
    if (most[i % 3] - least[i % 3] > kMostRange) return false;
  }
  return true;
}

void append_planes(const Image& image, int channels, std::vector<std::uint8_t>& chips) {
  for (int c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < image.pixels.size(); i += 3)
      chips.push_back(channels == 1 ? grey_of(&image.pixels[i]) : image.pixels[i + c]);
}

/// A square RGB image of its grey values.
Image image_of_grey(const std::string& pixels) {
  const int side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(pixels.size()))));
  Image image(side, side);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(pixels[i / 3]);
  return image;
}

/// An image's file and what becomes of it.
struct Piece {
  const SourceImage* source = nullptr;
  std::string bytes = {};
  Sample sample = {};
  std::vector<std::uint8_t> chip = {};
  std::optional<LeftOut> left_out = {};

  void leave_out(const char* reason, const std::string& what) {
    left_out = {source->file.empty() ? source->sample.name : source->file, reason, what};
  }
};

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

  /// Sets the chip and the sample of a piece, with landmarks if known, or the reason why it is skipped.
  void cut(Piece& piece) {
    if (piece.left_out) return;
    const auto image = decode(piece);
    if (!image) return;
    if (is_of_one_colour(*image))
      piece.leave_out("of one colour",
                      piece.source->place + ": image is of one colour: " + piece.source->file);
    else
      piece.sample = sample_of(*piece.source, *image, piece.chip);
  }

 private:
  std::optional<Image> decode(Piece& piece) const {
    const SourceImage& source = *piece.source;
    if (!source.pixels.empty()) return image_of_grey(source.pixels);
    try {
      if (dataset_.check) dataset_.check(piece.bytes, source);
      return decode_image(std::as_bytes(std::span(piece.bytes)), source.place + ": " + source.file);
    } catch (const std::exception& error) {
      piece.leave_out("unreadable", error.what());
      return {};
    }
  }

  Sample sample_of(const SourceImage& source, const Image& image, std::vector<std::uint8_t>& chips) {
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

/// Images with the requested flashes.
void keep_flashes(std::vector<SourceImage>& images, const std::vector<int>& flashes) {
  for (const int flash : flashes)
    if (std::ranges::none_of(images, [&](const SourceImage& p) { return p.flash == flash; }))
      throw Error("no image has this flash", "flashes", {}, std::to_string(flash));
  if (flashes.empty()) return;
  std::erase_if(images, [&](const SourceImage& p) {
    return !p.flash || std::find(flashes.begin(), flashes.end(), *p.flash) == flashes.end();
  });
}

/// Removes excluded images; returns a note with a count for every reason.
std::vector<std::string> leave_out(std::vector<SourceImage>& images) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& source : images)
    if (!source.left_out.empty()) ++counts[source.left_out];
  std::erase_if(images, [](const SourceImage& p) { return !p.left_out.empty(); });
  std::vector<std::string> notes;
  for (const auto& [why, count] : counts) notes.push_back("left out, " + why + ": " + std::to_string(count));
  return notes;
}

std::string percent_words(float share) {
  std::string text = std::to_string(std::lround(1000 * share));  // in tenths of a percent
  if (text.size() == 1) text = "0" + text;
  const char tenth = text.back();
  text.pop_back();
  return text + (tenth == '0' ? "" : std::string(".") + tenth) + " %";
}

/// The images of the requested splits, with notes.
struct Listed {
  std::vector<SourceImage> images;
  std::vector<std::string> notes;
};

/// They include a validation split held out from the training split if the set has none.
Listed list_images(const Dataset& dataset, Tree& tree, const PackJob& job) {
  const float share = job.options.valid_fraction;
  const bool holds_out = share > 0 && has(dataset.splits, "train") && !has(dataset.splits, "valid");
  std::vector<std::string> asked;
  for (const auto& split : job.splits) {
    const std::string from = holds_out && split == "valid" ? "train" : split;
    if (!has(dataset.splits, from)) {
      auto known = dataset.splits;
      if (holds_out) known.insert(known.begin(), "valid");
      throw Error("data set has no such split", dataset.name, join(known), split);
    }
    asked.push_back(from);
  }
  auto images = dataset.list(tree, asked);
  auto notes = leave_out(images);
  keep_flashes(images, job.options.flashes);
  if (!images.empty() && !images.front().subject.empty()) {
    const auto& people = job.options.people;
    split_by_people(images, people, share);
    notes.push_back("parts by person: fold " + std::to_string(people.fold) + " of " +
                    std::to_string(people.folds) + " is the test part, " + percent_words(share) +
                    " of the other people are held out for validation");
  } else if (holds_out) {
    for (auto& source : images)
      if (source.sample.split == "train" && is_held_out(source.sample.name, share))
        source.sample.split = "valid";
    notes.push_back(percent_words(share) +
                    " of the training part are held out for validation, drawn by name");
  }
  std::erase_if(images, [&](const SourceImage& p) { return !is_wanted(job.splits, p.sample.split); });
  return {std::move(images), std::move(notes)};
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

/// The next images with their files' bytes.
std::vector<Piece> read_pieces(Tree& tree, std::span<const SourceImage> images) {
  std::vector<Piece> pieces;
  for (const auto& source : images) {
    Piece& piece = pieces.emplace_back(Piece{.source = &source});
    if (!source.pixels.empty()) continue;
    try {
      auto bytes = tree.read(source.file);
      if (bytes)
        piece.bytes = std::move(*bytes);
      else
        piece.leave_out("missing", source.place + ": image is missing: " + tree.place(source.file));
    } catch (const Error& error) {
      piece.leave_out("unreadable", error.what());
    }
  }
  return pieces;
}

/// Reports and counts skipped images.
class LeftOuts {
 public:
  explicit LeftOuts(const PackJob& job) : job_(job) {}

  void add(const LeftOut& left_out) {
    if (count_++ == 0) first_ = left_out.what;
    ++counts_[left_out.reason];
    if (job_.left_out) job_.left_out(left_out);
  }
  /// Throws Error if nothing else is there.
  void check(std::size_t images) const {
    if (count_ > 0 && count_ == images)
      throw Error("none of its " + std::to_string(images) + " images can be used", job_.source.string(), {},
                  first_);
  }
  void note(std::vector<std::string>& notes) const {
    for (const auto& [reason, count] : counts_)
      notes.push_back("left out, " + reason + ": " + std::to_string(count));
  }

 private:
  const PackJob& job_;
  std::map<std::string, std::int64_t> counts_;
  std::size_t count_ = 0;
  std::string first_;
};

/// How chips were cut.
struct Cutting {
  int size = 0;
  std::vector<std::string> notes;
};

/// Cuts all chips; each is handed on with its sample, in order.
template <class Take>
Cutting cut_all(const Dataset& dataset, const PackJob& job, Take take) {
  check_job(dataset, job);
  const auto tree = Tree::open(job.source);
  auto [images, notes] = list_images(dataset, *tree, job);
  // The face networks are too small for more than one thread each.
  std::vector<Cutter> cutters;
  for (std::size_t i = 0; i < usual_threads(); ++i) cutters.emplace_back(dataset, job);
  const auto total = static_cast<std::int64_t>(images.size());
  LeftOuts left_outs(job);
  for (std::size_t done = 0; done < images.size();) {
    const auto count = std::min(kAtOnce, images.size() - done);
    auto pieces = read_pieces(*tree, std::span(images).subspan(done, count));
    for_each_index(count, cutters.size(),
                   [&](std::size_t thread, std::size_t i) { cutters[thread].cut(pieces[i]); });
    for (auto& piece : pieces)
      piece.left_out ? left_outs.add(*piece.left_out) : take(std::move(piece.sample), piece.chip);
    done += count;
    if (job.progress) job.progress(static_cast<std::int64_t>(done), total);
  }
  left_outs.check(images.size());
  left_outs.note(notes);
  if (!tree->passed_over().empty()) notes.push_back("skipped, no images: " + tree->passed_over().text());
  return {cutters[0].size(), std::move(notes)};
}

}  // namespace

LoadedDataset read_dataset(const Dataset& dataset, const PackJob& job) {
  LoadedDataset loaded;
  loaded.channels = dataset.channels;
  auto [size, notes] = cut_all(dataset, job, [&](Sample sample, const std::vector<std::uint8_t>& chip) {
    loaded.samples.push_back(std::move(sample));
    loaded.chips.insert(loaded.chips.end(), chip.begin(), chip.end());
  });
  loaded.size = size;
  loaded.notes = std::move(notes);
  return loaded;
}

void pack_dataset(const Dataset& dataset, const PackJob& job, const std::filesystem::path& out) {
  ChipFile file(out);
  std::vector<Sample> samples;
  const auto [size, notes] = cut_all(dataset, job, [&](Sample sample, const std::vector<std::uint8_t>& chip) {
    samples.push_back(std::move(sample));
    file.append(chip);
  });
  write_packed(out, dataset.name, dataset.labels, dataset.source, dataset.channels, size, samples,
               file.finish(), notes);
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
