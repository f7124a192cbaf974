#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>

#include "regard/core/file.h"

/// Files on their way to the disk. Everything that the program writes goes through here.
namespace regard {

/// An open file of the operating system, closed at the end of its scope.
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
  /// The name is gone, or has become another: nothing is removed.
  void forget();

 private:
  std::filesystem::path path_;
  int slot_;  // -1: none was free
};

/// A file that is being written. It has no name until commit(), or, where the file system knows no files
/// without names, one of its own beside the final name; commit() flushes it to the disk and gives it the
/// final name. At any moment there is under that name the old file or the new one, never half of one. Without
/// commit() nothing is left. Missing folders are created; symbolic links are followed, so that they stay;
/// what is no regular file (a pipe, a device such as /dev/stdout) is written to as it is. Two writers of one
/// name do not meet: the file of the later commit() stays. Throws Error with the system's reason.
class OutputFile {
 public:
  /// `unnamed` false: with a name of its own also where the file system knows files without names.
  explicit OutputFile(const std::filesystem::path& path, bool unnamed = true);

  void write(std::span<const std::byte> bytes);
  void commit();

 private:
  void link();

  std::filesystem::path target_;
  Descriptor file_;
  std::optional<PassingName> name_;  ///< its own, while it has one
  bool straight_ = false;            ///< the target is no regular file
};

/// Bytes that are too many for memory, in a file without a name on the disk of `path`. It is gone when the
/// program ends, however it ends.
class ScratchFile {
 public:
  /// `path`: the file for which the bytes are meant. Throws Error as OutputFile.
  explicit ScratchFile(const std::filesystem::path& path);

  void append(std::span<const std::byte> bytes);
  /// All bytes that were appended.
  MappedFile map() const;

 private:
  std::filesystem::path path_;
  Descriptor file_;
};

/// Holds a file or folder that is to be written for one run. The lock is a file beside it, `.NAME.lock`, that
/// is removed at the end of the scope; one that a killed run has left behind holds nobody up. Throws Error
/// where another run has it.
class OutputLock {
 public:
  explicit OutputLock(const std::filesystem::path& path);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  Descriptor file_;
  std::optional<PassingName> name_;
};

/// Appends to a file in one piece: for logs. Throws Error.
void append_text(const std::filesystem::path& path, std::string_view text);

/// Removes the names of files that are not finished: for the handler of a signal that ends the program, in
/// which it may be called. The library installs no handler of its own.
void remove_unfinished_files() noexcept;

}  // namespace regard
