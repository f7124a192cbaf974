#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What people say of images, kept in a file: which part of a face is occluded.
namespace regard {

/// The first four as published lists number them (data/lists.h).
enum class Mark { upper, bottom, left_right, glasses_mask, none, skip };
inline constexpr std::size_t kMarks = 6;
inline constexpr std::size_t kOcclusionTypes = 4;  ///< those that lists have

/// "upper", "bottom", "left-right", "glasses-mask", "none", "skip".
const char* name_of(Mark mark);
/// None where no mark is called so.
std::optional<Mark> mark_named(std::string_view name);

/// An image that is to be looked at.
struct Candidate {
  std::string name;
  int label = 0;         ///< index of its majority label
  double suspicion = 0;  ///< how likely it is that something covers the face, 0 to 1
};

/// One of a store's images; `place` counts from 0, the most suspicious first.
struct MarkedImage : Candidate {
  std::int64_t place = 0;
  std::optional<Mark> mark;
};

/// What a store's images are.
struct MarkedSet {
  std::string dataset, split;
  std::vector<std::string> labels;    ///< the classes' names
  std::vector<Candidate> candidates;  ///< in any order; names are different
};

/// Images and their marks in an SQLite database. Every mark is on the disk (flushed) when `mark` returns,
/// so that a program that is killed loses none; another one goes on where it was. All members may be called
/// from several threads at once. Throws Error where the file cannot be read or written.
class MarkStore {
 public:
  /// Whether there is something at this path; an empty file is nothing.
  static bool exists(const std::filesystem::path& path);

  /// Makes a new one, all of it or nothing. Throws Error where there is one, and for a set without images
  /// or with a name twice.
  static MarkStore create(const std::filesystem::path& path, const MarkedSet& set);

  /// Throws Error where the file is missing or no such store.
  static MarkStore open(const std::filesystem::path& path);

  ~MarkStore();
  MarkStore(MarkStore&&) noexcept;
  MarkStore& operator=(MarkStore&&) noexcept;

  const std::string& dataset() const;
  const std::string& split() const;
  const std::vector<std::string>& labels() const;
  std::int64_t count() const;

  /// Throws Error, naming both, where the store is of another data set, of another part of it or of other
  /// images.
  void check_is_of(const std::string& dataset, const std::string& split,
                   const std::vector<std::string>& names) const;

  /// Throws Error where there is no such place.
  MarkedImage at(std::int64_t place) const;
  /// The first images without a mark, at most `most`.
  std::vector<MarkedImage> unmarked(std::size_t most) const;
  /// Those with a mark, in their order.
  std::vector<MarkedImage> marked() const;
  /// The images of the last strokes, the last first.
  std::vector<MarkedImage> recent(std::size_t most) const;
  /// How many have each mark.
  std::array<std::int64_t, kMarks> counts() const;

  /// Sets or changes an image's mark.
  void mark(std::int64_t place, Mark mark);
  /// Takes the last change back, whoever made it and however long ago: that image; none where nothing is
  /// left to take back.
  std::optional<std::int64_t> undo();

 private:
  struct Impl;
  explicit MarkStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The marked images as the authors of RAN list occluded ones (data/lists.h), those without an occlusion
/// left out: "3_fer0000000.png 8 1".
std::string occlusion_list(const MarkStore& store);

}  // namespace regard
