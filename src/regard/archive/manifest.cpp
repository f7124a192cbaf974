#include "regard/archive/manifest.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/output_file.h"
#include "regard/core/text.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDifferentRun = "this folder is of another run";

fs::path manifest_file(const fs::path& folder) {
  return folder / "manifest.json";
}

/// Held while a folder is opened; others wait, which takes as long as writing the list of inputs.
std::unique_ptr<OutputLock> lock_manifest(const fs::path& folder) {
  for (;;) {
    if (auto lock = OutputLock::if_free(manifest_file(folder))) return lock;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// "image 17 is a.jpg": the row of a table of inputs in which a byte lies.
std::string row_at(std::string_view table, std::size_t at) {
  const auto before = table.substr(0, at);
  const auto number = std::ranges::count(before, '\n');
  const auto begin = before.rfind('\n') + 1;
  const auto row = table.substr(begin, table.find('\n', begin) - begin);
  if (row.empty()) return "no image " + std::to_string(number);
  return "image " + std::to_string(number) + " being " + std::string(row.substr(0, row.find(',')));
}

/// Throws the Error for two tables that differ.
[[noreturn]] void fail_for_inputs(const fs::path& folder, InputList& inputs) {
  const auto known_file = map_file(inputs_file(folder)), given_file = inputs.table();
  const auto known = text_of(known_file), given = text_of(given_file);
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(known, given).in1 - known.begin());
  throw Error(kDifferentRun, folder.string(), row_at(known, at), row_at(given, at));
}

/// The values of a manifest by their names, "model.sha256".
std::vector<std::pair<std::string, std::string>> flat(const Json& json) {
  std::vector<std::pair<std::string, std::string>> values;
  const Json flattened = json.flatten();
  for (const auto& [path, value] : flattened.items()) {
    std::string name = path.substr(1);
    std::ranges::replace(name, '/', '.');
    values.emplace_back(std::move(name), json_shown(value));
  }
  return values;
}

/// The values of `one` that `other` does not have: "format \"csv\", chunk 100".
std::string values_only_in(const Json& one, const Json& other) {
  std::vector<std::string> found;
  const auto others = flat(other);
  for (const auto& value : flat(one))
    if (std::ranges::find(others, value) == others.end()) found.push_back(value.first + " " + value.second);
  return join(found);
}

}  // namespace

ArchiveShard parse_shard(const std::string& text, const std::string& where) {
  ArchiveShard shard;
  const auto end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  const bool has_slash = index.ec == std::errc() && index.ptr != end && *index.ptr == '/';
  const auto count = has_slash ? std::from_chars(index.ptr + 1, end, shard.count) : index;
  if (!has_slash || count.ec != std::errc() || count.ptr != end || shard.index < 1 ||
      shard.index > shard.count)
    throw Error("is no shard", where, "i/n, from 1/n to n/n", text);
  return shard;
}

std::size_t ArchiveManifest::images_of(std::size_t index) const {
  return std::min(chunk(), images() - index * chunk());
}

fs::path inputs_file(const fs::path& folder) {
  return folder / "inputs.csv";
}

fs::path part_file(const fs::path& folder, std::size_t chunk, const std::string& ending) {
  return folder / formatted("part-%05zu.%s", chunk, ending.c_str());
}

ArchiveManifest read_archive_manifest(const fs::path& folder) {
  const auto file = manifest_file(folder);
  if (!fs::exists(file))
    throw Error("is no folder of results", folder.string(), "manifest.json in it, by recognize --out");
  ArchiveManifest manifest{parse_json(read_plain_text(file), file.string())};
  const auto is_number = [&](const char* name) {
    return manifest.json.contains(name) && manifest.json[name].is_number_unsigned();
  };
  if (!manifest.json.is_object() || !is_number("chunk") || !is_number("images") || manifest.chunk() == 0 ||
      !manifest.json.contains("format") || !manifest.json["format"].is_string())
    throw Error("is no manifest", file.string(), "format, chunk and images");
  return manifest;
}

void check_same_run(const ArchiveManifest& known, const ArchiveManifest& wanted, const fs::path& folder) {
  if (known.json != wanted.json)
    throw Error(kDifferentRun, folder.string(), values_only_in(known.json, wanted.json),
                values_only_in(wanted.json, known.json));
}

bool open_run(const fs::path& folder, const ArchiveManifest& manifest, InputList& inputs) {
  const auto lock = lock_manifest(folder);
  if (fs::exists(manifest_file(folder))) {
    const ArchiveManifest known = read_archive_manifest(folder);
    ArchiveManifest same_inputs = known;
    for (const char* name : {"images", "inputs"}) same_inputs.json[name] = manifest.json.at(name);
    check_same_run(same_inputs, manifest, folder);
    if (same_inputs.json != known.json) fail_for_inputs(folder, inputs);
    return true;
  }
  for (fs::directory_iterator entry(folder), end; entry != end; ++entry)
    if (entry->path().filename().string().starts_with("part-"))
      throw Error("there are parts of a run without its manifest.json", folder.string(),
                  "an empty folder, or that file", entry->path().filename().string());
  const auto table = inputs.table();
  write_text_atomically(inputs_file(folder), text_of(table));
  write_text_atomically(manifest_file(folder), manifest.json.dump(2) + "\n");
  return false;
}

}  // namespace regard
