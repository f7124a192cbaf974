#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "regard/clip/recognized.h"
#include "regard/core/growing_file.h"

namespace regard {

/// What a run has recognised so far, so that a killed one can be continued: everything that comes after
/// recognition is computed again from it, at little cost and with the same result. One entry per group of
/// frames, with a checksum; an entry that was not written to its end does not count.
class Journal {
 public:
  /// `kind`: what must be the same for the results to be the same: clip, model, options, version.
  /// `go_on`: keeps the entries of the run before. Throws Error if they are of another kind.
  Journal(const std::filesystem::path& path, const std::string& kind, bool go_on);

  /// Gives out all groups so far, also those of the run before, in order. Chips are not kept.
  void replay(const std::function<void(std::vector<RecognizedFrame>&)>& take) const;

  /// Whether it has any group.
  bool goes_on() const { return end_ > begin_; }

  void append(const std::vector<RecognizedFrame>& group);
  void sync() { file_->sync(); }

  /// The run is complete: removes the file.
  void remove();

 private:
  std::filesystem::path path_;
  std::size_t begin_ = 0, end_ = 0;  // of the entries
  std::optional<GrowingFile> file_;
};

/// The journal of a table that is being written.
std::filesystem::path journal_of(const std::filesystem::path& table);

/// A group as bytes, without its chips, and back. Throws Error naming `where` for bytes that are none.
std::string group_to_bytes(const std::vector<RecognizedFrame>& group);
std::vector<RecognizedFrame> group_from_bytes(std::string_view bytes, const std::string& where);

}  // namespace regard
