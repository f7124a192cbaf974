#include "train/run_folder.h"

#include <sys/file.h>

#include <sstream>
#include <vector>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/output_file.h"

namespace regard {

RunFolder::RunFolder(std::filesystem::path folder, bool writes) : folder_(std::move(folder)) {
  if (!writes) return;
  std::filesystem::create_directories(folder_);
  lock();
  std::vector<std::filesystem::path> half_written;
  for (const auto& entry : std::filesystem::directory_iterator(folder_))
    if (entry.path().filename().string().find(".tmp-") != std::string::npos)
      half_written.push_back(entry.path());
  for (const auto& file : half_written) std::filesystem::remove(file);
}

void RunFolder::lock() {
  const auto path = (folder_ / "lock").string();
  lock_.reset(std::fopen(path.c_str(), "w"));
  if (!lock_) throw Error("file cannot be written", path);
  if (::flock(::fileno(lock_.get()), LOCK_EX | LOCK_NB) != 0)
    throw Error("another run is training in this folder", folder_.string());
}

void RunFolder::begin_log(const char* name, const Json& line) const {
  if (!writes()) return;
  if (line.is_null())
    std::filesystem::remove(folder_ / name);
  else
    write_text_atomically(folder_ / name, line.dump() + "\n");
}

void RunFolder::append(const char* name, const Json& line) const {
  if (writes()) append_text(folder_ / name, line.dump() + "\n");
}

void RunFolder::trim_log(const char* name, std::int64_t step) const {
  if (!writes() || !std::filesystem::exists(folder_ / name)) return;
  std::istringstream log(read_text(folder_ / name));
  std::string kept;
  for (std::string line; std::getline(log, line);) {
    const auto entry = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (entry.is_object() && entry.value("step", std::int64_t{0}) <= step) kept += line + "\n";
  }
  write_text_atomically(folder_ / name, kept);
}

}  // namespace regard
