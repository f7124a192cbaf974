#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "regard/core/file.h"

/// Atomic output files. Everything that the program writes goes through here.
namespace regard {

/// A file descriptor, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

/// A name that is removed at the end of its scope, and by remove_unfinished_files().
class PassingName {
 public:
  explicit PassingName(std::filesystem::path path);
  ~PassingName();
  PassingName(const PassingName&) = delete;
  PassingName& operator=(const PassingName&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// The name no longer exists: nothing is removed.
  void forget();

 private:
  std::filesystem::path path_;
  int slot_;  // -1: none was free
};

/// A file that is being written. Until commit() it is unnamed or, if the file system does not support that,
/// has a temporary name next to the final one; commit() flushes it to disk and gives it the final name. So
/// there is always either the old file or the new one under that name, never a partial one. Without commit()
/// nothing is left. Missing folders are created; symbolic links are followed and kept; anything but a regular
/// file (a pipe, a device such as /dev/stdout) is written directly. Concurrent writers of the same name do
/// not interfere: the later commit() wins. Throws Error with the system's reason.
class OutputFile {
 public:
  /// `unnamed` false: use a temporary name even if the file system supports unnamed files.
  explicit OutputFile(const std::filesystem::path& path, bool unnamed = true);

  void write(std::span<const std::byte> bytes);
  /// A name by which this process can open the file until commit(), for libraries that write to names.
  std::filesystem::path open_name() const;
  void commit();

 private:
  void link();

  std::filesystem::path target_;
  Descriptor file_;
  std::optional<PassingName> name_;  ///< its own, while it has one
  bool straight_ = false;            ///< the target is no regular file
};

/// Bytes that are too many for memory, in an unnamed file on the file system of `path`. It disappears when
/// the program ends, in any way.
class ScratchFile {
 public:
  /// `path`: the file that the bytes are for. Throws Error as OutputFile.
  explicit ScratchFile(const std::filesystem::path& path);

  void append(std::span<const std::byte> bytes);
  /// All bytes that were appended.
  MappedFile map() const;

 private:
  std::filesystem::path path_;
  Descriptor file_;
};

/// Holds a file or folder that is to be written for one run. The lock is a file beside it, `.NAME.lock`, that
/// is removed at the end of the scope; one that a killed run has left behind holds nobody up. Throws Error if
/// another run has it.
class OutputLock {
 public:
  explicit OutputLock(const std::filesystem::path& path);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

  /// The lock, or none if another run has it.
  static std::unique_ptr<OutputLock> if_free(const std::filesystem::path& path);

 private:
  OutputLock() = default;
  bool take(const std::filesystem::path& path);

  Descriptor file_;
  std::optional<PassingName> name_;
};

/// Appends to a file in one piece: for logs. Throws Error.
void append_text(const std::filesystem::path& path, std::string_view text);

/// Removes the names of unfinished files. Async-signal-safe, for handlers of signals that end the program;
/// the library installs none itself.
void remove_unfinished_files() noexcept;

}  // namespace regard
