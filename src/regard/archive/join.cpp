#include "regard/archive/join.h"

#include <optional>
#include <string>
#include <vector>

#include "regard/archive/manifest.h"
#include "regard/archive/parts.h"
#include "regard/core/error.h"
#include "regard/core/text.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> find_part(std::span<const fs::path> folders, std::size_t chunk,
                                  const std::string& ending) {
  for (const auto& folder : folders)
    if (auto file = part_file(folder, chunk, ending); fs::exists(file)) return file;
  return {};
}

std::string joined_names(std::span<const fs::path> folders) {
  std::vector<std::string> names;
  for (const auto& folder : folders) names.push_back(folder.string());
  return some_of(names);
}

}  // namespace

void join_parts(std::span<const fs::path> folders, const fs::path& out) {
  const ArchiveManifest manifest = read_archive_manifest(folders.front());
  for (const auto& folder : folders.subspan(1))
    check_same_run(read_archive_manifest(folder), manifest, folder);
  const auto& format = find_part_format(manifest.format());
  std::vector<fs::path> parts;
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < manifest.chunks(); ++i)
    if (auto part = find_part(folders, i, format.ending))
      parts.push_back(std::move(*part));
    else
      missing.push_back(part_file({}, i, format.ending).string());
  if (!missing.empty())
    throw Error(std::to_string(missing.size()) + " of " + std::to_string(manifest.chunks()) +
                    " parts are missing: " + some_of(missing),
                joined_names(folders));
  format.join(parts, out);
}

}  // namespace regard
