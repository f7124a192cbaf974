#include "regard/core/output_file.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "regard/core/error.h"
#include "regard/core/system_error.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

// Prefix of the names of unfinished files, which makes them hidden.
constexpr std::string_view kUnfinished = ".regard.tmp-";

[[noreturn]] void fail_to_write(const fs::path& path, int number = errno) {
  throw_system_error("file cannot be written", path, number);
}

// --- Names that a signal's handler removes ---

struct Slot {
  std::atomic<bool> taken = false, ready = false;
  std::array<char, PATH_MAX> path;
};
constexpr int kSlots = 128;
std::array<Slot, kSlots> slots;

int remember(const fs::path& path) {
  const auto& text = path.native();
  if (text.size() + 1 > slots[0].path.size()) return -1;
  for (int i = 0; i < kSlots; ++i) {
    Slot& slot = slots[static_cast<std::size_t>(i)];
    if (slot.taken.exchange(true)) continue;
    std::copy_n(text.c_str(), text.size() + 1, slot.path.begin());
    slot.ready = true;
    return i;
  }
  return -1;
}

// --- Where files go ---

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void create_folder_of(const fs::path& path) {
  std::error_code error;
  fs::create_directories(folder_of(path), error);
  if (error && !fs::is_directory(folder_of(path)))
    throw_system_error("folder cannot be made", folder_of(path), error.value());
}

/// The end of a chain of symbolic links, whether it exists or not. Links in /proc are kept: they stand for
/// open files, not for names.
fs::path behind_links(fs::path path) {
  constexpr int kMostLinks = 40;
  std::error_code none;
  for (int i = 0; fs::is_symlink(path, none); ++i) {
    if (i == kMostLinks) fail_to_write(path, ELOOP);
    if (fs::canonical(folder_of(path), none).string().starts_with("/proc/")) break;
    path = path.parent_path() / fs::read_symlink(path, none);
  }
  return path;
}

/// Whether a rename may replace it: it is a regular file, or does not exist.
bool is_replaceable(const fs::path& path) {
  std::error_code none;
  const auto type = fs::symlink_status(path, none).type();
  return type == fs::file_type::regular || type == fs::file_type::not_found;
}

/// Makes a rename survive a power failure; file systems that cannot flush folders are ignored.
void flush_folder(const fs::path& folder) {
  const Descriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.is_open()) ::fsync(file.get());
}

/// A name that no other thread or process writes to.
fs::path own_name(const fs::path& folder) {
  static std::atomic<unsigned> count = 0;
  return folder / (std::string(kUnfinished) + std::to_string(::getpid()) + "-" + std::to_string(count++));
}

std::string link_of(const Descriptor& file) {
  return "/proc/self/fd/" + std::to_string(file.get());
}

bool lock(const Descriptor& file) {
  return ::flock(file.get(), LOCK_EX | LOCK_NB) == 0;
}

bool is_named(const Descriptor& file, const fs::path& path) {
  struct stat open {
  }, named{};
  return ::fstat(file.get(), &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/// Removes files that killed runs have left in a folder: those that are no longer locked.
void remove_leftovers(const fs::path& folder) {
  static std::mutex mutex;
  static std::set<fs::path> done;
  {
    const std::lock_guard guard(mutex);
    if (!done.insert(folder).second) return;
  }
  std::error_code error;
  std::vector<fs::path> left;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().filename().string().starts_with(kUnfinished)) left.push_back(entry->path());
  for (const auto& path : left) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.is_open() && lock(file)) ::unlink(path.c_str());
  }
}

/// An unnamed file; none if the file system does not support it.
Descriptor open_unnamed(const fs::path& folder) {
  if (::access("/proc/self/fd", X_OK) != 0) return Descriptor();  // by which it is named at last
  return Descriptor(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666));
}

/// A new file with a temporary name, locked so that it is not taken for a leftover.
Descriptor open_named(const fs::path& folder, std::optional<PassingName>& name, const fs::path& target) {
  constexpr int kTries = 1000;
  for (int i = 0; i < kTries; ++i) {
    const auto path = own_name(folder);
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file.is_open() && errno != EEXIST) fail_to_write(target);
    if (!file.is_open()) continue;
    name.emplace(path);
    lock(file);  // without locks nothing is taken for a leftover
    if (is_named(file, path)) return file;
  }
  fail_to_write(target, EEXIST);
}

void write_all(int file, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_to_write(path);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

PassingName::PassingName(fs::path path) : path_(std::move(path)), slot_(remember(path_)) {}

PassingName::~PassingName() {
  if (!path_.empty()) ::unlink(path_.c_str());
  forget();
}

void PassingName::forget() {
  path_.clear();
  if (slot_ < 0) return;
  Slot& slot = slots[static_cast<std::size_t>(std::exchange(slot_, -1))];
  slot.ready = false;
  slot.taken = false;
}

OutputFile::OutputFile(const fs::path& path, bool unnamed) : target_(behind_links(path)) {
  create_folder_of(target_);
  straight_ = !is_replaceable(target_);
  if (straight_) {
    file_ = Descriptor(::open(target_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!file_.is_open()) fail_to_write(target_);
    return;
  }
  if (unnamed) file_ = open_unnamed(folder_of(target_));
  if (file_.is_open()) {
    lock(file_);
  } else {
    remove_leftovers(folder_of(target_));
    file_ = open_named(folder_of(target_), name_, target_);
  }
}

void OutputFile::write(std::span<const std::byte> bytes) {
  write_all(file_.get(), bytes, target_);
}

fs::path OutputFile::open_name() const {
  return link_of(file_);
}

/// Gives an unnamed file its final name if that is free, else a temporary one.
void OutputFile::link() {
  constexpr int kTries = 1000;
  const auto from = link_of(file_);
  const auto link_as = [&](const fs::path& name) {
    if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
    if (errno != EEXIST) fail_to_write(target_);
    return false;
  };
  if (link_as(target_)) return;
  remove_leftovers(folder_of(target_));
  for (int i = 0; i < kTries; ++i) {
    const auto name = own_name(folder_of(target_));
    if (!link_as(name)) continue;
    name_.emplace(name);
    return;
  }
  fail_to_write(target_, EEXIST);
}

void OutputFile::commit() {
  if (straight_) return;
  if (::fsync(file_.get()) != 0) fail_to_write(target_);
  if (!name_) link();
  if (name_) {
    if (::rename(name_->path().c_str(), target_.c_str()) != 0) fail_to_write(target_);
    name_->forget();
  }
  flush_folder(folder_of(target_));
}

ScratchFile::ScratchFile(const fs::path& path) : path_(path) {
  create_folder_of(path);
  const auto folder = is_replaceable(path) ? folder_of(path) : fs::temp_directory_path();
  file_ = open_unnamed(folder);
  std::optional<PassingName> name;  // removed at once: what is open stays
  if (!file_.is_open()) file_ = open_named(folder, name, path);
}

void ScratchFile::append(std::span<const std::byte> bytes) {
  write_all(file_.get(), bytes, path_);
}

MappedFile ScratchFile::map() const {
  return map_file(file_.get(), path_);
}

OutputLock::OutputLock(const fs::path& path) {
  if (!take(path)) throw Error("another run is writing this", path.string(), "one at a time");
}

std::unique_ptr<OutputLock> OutputLock::if_free(const fs::path& path) {
  std::unique_ptr<OutputLock> lock(new OutputLock);
  return lock->take(path) ? std::move(lock) : nullptr;
}

/// False if another run has the lock.
bool OutputLock::take(const fs::path& path) {
  constexpr std::size_t kMostName = 240;  // with what is put around it, as long as a name may be
  const auto target = behind_links(path);
  create_folder_of(target);
  if (!is_replaceable(target) && !fs::is_directory(target)) return true;
  const auto folder = target.has_filename() ? folder_of(target) : folder_of(target.parent_path());
  const auto name = (target.has_filename() ? target : target.parent_path()).filename().string();
  const auto file = folder / ("." + name.substr(0, kMostName) + ".lock");
  for (;;) {
    file_ = Descriptor(::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!file_.is_open()) throw_system_error("lock cannot be made", file);
    if (!lock(file_) && errno == EWOULDBLOCK) return false;
    if (!is_named(file_, file)) continue;  // the other has ended and removed it
    name_.emplace(file);
    return true;
  }
}

// The name is removed while the lock is held, so that nobody can lock a file that is about to be removed.
OutputLock::~OutputLock() {
  name_.reset();
}

void append_text(const fs::path& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file.is_open()) fail_to_write(path);
  write_all(file.get(), std::as_bytes(std::span(text)), path);
}

void remove_unfinished_files() noexcept {
  for (Slot& slot : slots)
    if (slot.ready) ::unlink(slot.path.data());
}

}  // namespace regard
