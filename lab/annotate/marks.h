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

/// Manual marks of images, stored in a file: which part of a face is occluded.
namespace regard {

/// The first four have the numbers of the published lists (lab/datasets/lists.h).
enum class Mark { upper, bottom, left_right, glasses_mask, none, skip };
inline constexpr std::size_t kMarks = 6;
inline constexpr std::size_t kOcclusionTypes = 4;  ///< those that lists have

/// "upper", "bottom", "left-right", "glasses-mask", "none", "skip".
const char* name_of(Mark mark);
/// None if no mark is called so.
std::optional<Mark> mark_named(std::string_view name);

/// An image to be marked.
struct Candidate {
  std::string name;
  int label = 0;         ///< index of its majority label
  double suspicion = 0;  ///< probability that the face is occluded, 0 to 1
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

/// Images and their marks in an SQLite database. Every mark is on the disk (flushed) when `mark` returns, so
/// that nothing is lost if the program is killed, and the next one continues. All members are thread safe.
/// Throws Error if the file cannot be read or written.
class MarkStore {
 public:
  /// Whether there is a non-empty file at this path.
  static bool exists(const std::filesystem::path& path);

  /// Creates a new database atomically. Throws Error if there is one already, and for a set without images or
  /// with duplicate names.
  static MarkStore create(const std::filesystem::path& path, const MarkedSet& set);

  /// Throws Error if the file is missing or not such a database.
  static MarkStore open(const std::filesystem::path& path);

  ~MarkStore();
  MarkStore(MarkStore&&) noexcept;
  MarkStore& operator=(MarkStore&&) noexcept;

  const std::string& dataset() const;
  const std::string& split() const;
  const std::vector<std::string>& labels() const;
  std::int64_t count() const;

  /// Throws Error, naming both, if the store is of another data set, of another part of it or of other
  /// images.
  void check_is_of(const std::string& dataset, const std::string& split,
                   const std::vector<std::string>& names) const;

  /// Throws Error if there is no such place.
  MarkedImage at(std::int64_t place) const;
  /// The first images without a mark, at most `most`.
  std::vector<MarkedImage> unmarked(std::size_t most) const;
  /// Those with a mark, in their order.
  std::vector<MarkedImage> marked() const;
  /// The most recently marked images, latest first.
  std::vector<MarkedImage> recent(std::size_t most) const;
  /// How many have each mark.
  std::array<std::int64_t, kMarks> counts() const;

  /// Sets or changes an image's mark.
  void mark(std::int64_t place, Mark mark);
  /// Undoes the last change, also from earlier sessions; returns the image, or none if there is nothing to
  /// undo.
  std::optional<std::int64_t> undo();

 private:
  struct Impl;
  explicit MarkStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The marked images as the authors of RAN list occluded ones (lab/datasets/lists.h), without the unoccluded
/// ones: "3_fer0000000.png 8 1".
std::string occlusion_list(const MarkStore& store);

}  // namespace regard
