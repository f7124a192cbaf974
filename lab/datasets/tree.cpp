#include "lab/datasets/tree.h"

#include <zip.h>

#include <algorithm>
#include <set>
#include <span>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/text.h"
#include "regard/image/decode.h"

namespace regard {
namespace {

constexpr std::uint64_t kMaxFileBytes = 512u << 20;  // fer2013.csv has 287 MiB

class FolderTree : public Tree {
 public:
  explicit FolderTree(std::filesystem::path root) : root_(std::move(root)) {}
  bool has(const std::string& name) override {
    std::error_code ignored;  // inaccessible files do not exist
    return std::filesystem::is_regular_file(root_ / name, ignored);
  }
  std::optional<std::string> read(const std::string& name) override {
    if (!has(name)) return {};
    std::error_code ignored;
    if (const auto size = std::filesystem::file_size(root_ / name, ignored); !ignored && size > kMaxFileBytes)
      throw Error("file is too large", place(name));
    return read_text(root_ / name);
  }
  std::vector<std::string> files(const std::string& folder) override { return inside(folder, false); }
  std::vector<std::string> folders(const std::string& folder) override { return inside(folder, true); }
  std::string place(const std::string& name) const override { return (root_ / name).string(); }

 private:
  std::vector<std::string> inside(const std::string& folder, bool folders) const {
    std::vector<std::string> names;
    std::error_code error, ignored;
    if (!std::filesystem::is_directory(root_ / folder, ignored)) return names;
    for (std::filesystem::directory_iterator entry(root_ / folder, error), end; !error && entry != end;
         entry.increment(error)) {
      auto name = entry->path().filename().string();
      if (is_companion_name(name)) continue;
      if (folders ? entry->is_directory(ignored) : entry->is_regular_file(ignored))
        names.push_back(std::move(name));
    }
    if (error) throw Error("folder cannot be read", place(folder), {}, error.message());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path root_;
};

class ZipTree : public Tree {
 public:
  explicit ZipTree(const std::filesystem::path& path)
      : path_(path), zip_(zip_open(path.c_str(), ZIP_RDONLY, nullptr), &zip_discard) {
    if (!zip_) throw Error("zip file cannot be read", path.string());
  }
  bool has(const std::string& name) override { return zip_name_locate(zip_.get(), name.c_str(), 0) >= 0; }
  std::optional<std::string> read(const std::string& name) override {
    const zip_int64_t index = zip_name_locate(zip_.get(), name.c_str(), 0);
    if (index < 0) return {};
    zip_stat_t stat;
    if (zip_stat_index(zip_.get(), index, 0, &stat) != 0 || !(stat.valid & ZIP_STAT_SIZE))
      throw Error("entry of the zip file cannot be read", place(name));
    if (stat.size > kMaxFileBytes) throw Error("entry of the zip file is too large", place(name));
    const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(zip_fopen_index(zip_.get(), index, 0),
                                                                  &zip_fclose);
    std::string bytes(stat.size, '\0');
    if (!file || zip_fread(file.get(), bytes.data(), bytes.size()) != static_cast<zip_int64_t>(bytes.size()))
      throw Error("entry of the zip file is damaged", place(name));
    return bytes;
  }
  std::vector<std::string> files(const std::string& folder) override { return inside(folder, false); }
  std::vector<std::string> folders(const std::string& folder) override { return inside(folder, true); }
  std::string place(const std::string& name) const override { return path_.string() + ":" + name; }

 private:
  const std::set<std::string>& names() {
    if (names_.empty())
      for (zip_int64_t i = 0; i < zip_get_num_entries(zip_.get(), 0); ++i)
        if (const char* name = zip_get_name(zip_.get(), i, 0)) names_.insert(name);
    return names_;
  }

  std::vector<std::string> inside(const std::string& folder, bool folders) {
    const std::string start = folder.empty() ? "" : folder + "/";
    std::vector<std::string> found;
    for (auto at = names().lower_bound(start); at != names().end() && at->starts_with(start); ++at) {
      const auto slash = at->find('/', start.size());
      std::string name = at->substr(start.size(), slash - start.size());
      if ((slash != std::string::npos) != folders || name.empty() || is_companion_name(name)) continue;
      if (found.empty() || found.back() != name) found.push_back(std::move(name));
    }
    return found;
  }

  std::filesystem::path path_;
  std::unique_ptr<zip_t, decltype(&zip_discard)> zip_;
  std::set<std::string> names_;
};

}  // namespace

std::unique_ptr<Tree> Tree::open(const std::filesystem::path& source) {
  if (std::filesystem::is_directory(source)) return std::make_unique<FolderTree>(source);
  if (std::filesystem::is_regular_file(source)) return std::make_unique<ZipTree>(source);
  throw Error("data set is not there", source.string(), "a folder or a .zip file");
}

bool Tree::is_image(const std::string& name) {
  if (!ending_of(name).empty()) return is_image_name(name);
  try {
    const std::string file = bytes(name);
    return starts_as_image(std::as_bytes(std::span(file)));
  } catch (const Error&) {  // unreadable files are skipped
    return false;
  }
}

std::vector<std::string> Tree::images(const std::string& folder) {
  std::vector<std::string> images;
  for (auto& name : files(folder)) {
    if (is_image(joined(folder, name)))
      images.push_back(std::move(name));
    else
      passed_over_.add(name);
  }
  return images;
}

std::string Tree::bytes(const std::string& name) {
  auto bytes = read(name);
  if (!bytes) throw Error("file is missing", place(name));
  return std::move(*bytes);
}

std::string Tree::text(const std::string& name) {
  return decode_text(bytes(name), place(name));
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

}  // namespace regard
