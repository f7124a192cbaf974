#include "lab/datasets/chip_file.h"

#include "regard/core/error.h"

namespace regard {

ChipFile::ChipFile(const std::filesystem::path& out) : path_(out.string() + ".chips.tmp") {
  if (out.has_parent_path()) std::filesystem::create_directories(out.parent_path());
  stream_.open(path_, std::ios::binary | std::ios::trunc);
}

ChipFile::~ChipFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void ChipFile::append(std::span<const std::uint8_t> chip) {
  stream_.write(reinterpret_cast<const char*>(chip.data()), static_cast<std::streamsize>(chip.size()));
  if (!stream_) throw Error("file cannot be written", path_.string());
}

std::span<const std::uint8_t> ChipFile::finish() {
  stream_.close();
  if (!stream_) throw Error("file cannot be written", path_.string());
  mapped_ = map_file(path_);
  return {reinterpret_cast<const std::uint8_t*>(mapped_.bytes.data()), mapped_.bytes.size()};
}

}  // namespace regard
