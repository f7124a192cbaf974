#include "regard/core/growing_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "regard/core/system_error.h"

namespace regard {

GrowingFile::GrowingFile(const std::filesystem::path& path, std::size_t keep) : path_(path) {
  std::error_code ignored;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  file_ = Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  struct stat status {};
  if (!file_.is_open() || ::fstat(file_.get(), &status) != 0) throw_system_error("cannot be written", path);
  const auto length = std::min(static_cast<off_t>(keep), status.st_size);
  if (S_ISREG(status.st_mode) && ::ftruncate(file_.get(), length) != 0)
    throw_system_error("cannot be written", path);
}

void GrowingFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text)));
}

void GrowingFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) throw_system_error("cannot be written", path_);
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void GrowingFile::sync() {
  if (::fdatasync(file_.get()) != 0 && errno != EINVAL && errno != EROFS)
    throw_system_error("cannot be written", path_);
}

}  // namespace regard
