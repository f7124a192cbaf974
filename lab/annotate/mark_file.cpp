#include "lab/annotate/mark_file.h"

#include <algorithm>
#include <unordered_set>

#include "regard/core/file.h"
#include "regard/core/json.h"

namespace regard {
namespace {

// Stored in the header of the file, to recognise our databases.
constexpr int kApplication = 0x52474d4b, kVersion = 1;

constexpr const char* kSchema =
    "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE images (place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, label INTEGER NOT NULL,"
    "  suspicion REAL NOT NULL, mark INTEGER);"
    "CREATE INDEX unmarked ON images (place) WHERE mark IS NULL;"
    "CREATE TABLE strokes (id INTEGER PRIMARY KEY AUTOINCREMENT, place INTEGER NOT NULL, before INTEGER,"
    "  after INTEGER NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);";

/// SHA-256 over the sorted names, one per line; identifies a set of images.
std::string hash_of(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  std::string text;
  for (const auto& name : names) text += name + "\n";
  return sha256(std::as_bytes(std::span(text)));
}

void fill(Database& database, const MarkedSet& set) {
  std::vector<std::string> names;
  for (const auto& candidate : set.candidates) names.push_back(candidate.name);
  if (names.empty()) throw Error("there are no images to mark", set.dataset + " " + set.split);
  std::unordered_set<std::string> different(names.begin(), names.end());
  if (different.size() != names.size()) throw Error("images share a name", set.dataset + " " + set.split);

  Statement about(database, "INSERT INTO about VALUES (?, ?)");
  about.with("dataset", set.dataset).run();
  about.with("split", set.split).run();
  about.with("labels", json_text(set.labels, database.path())).run();
  about.with("names", hash_of(std::move(names))).run();

  std::vector<const Candidate*> order;
  for (const auto& candidate : set.candidates) order.push_back(&candidate);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->suspicion > b->suspicion; });
  Statement insert(database, "INSERT INTO images VALUES (?, ?, ?, ?, NULL)");
  for (std::size_t i = 0; i < order.size(); ++i)
    insert.with(static_cast<std::int64_t>(i), order[i]->name, order[i]->label, order[i]->suspicion).run();
}

}  // namespace

MarkFile::MarkFile(const std::filesystem::path& path, int flags) : database(path, flags) {
  // One file, and on the disk when COMMIT returns.
  database.run("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA");
}

std::string MarkFile::about(const std::string& key) const {
  Statement query(database, "SELECT value FROM about WHERE key = ?");
  if (!query.with(key).next()) throw Error("database of marks lacks '" + key + "'", database.path());
  return query.text(0);
}

void MarkFile::load() {
  dataset = about("dataset"), split = about("split"), names = about("names");
  labels = parse_json(about("labels"), database.path()).get<std::vector<std::string>>();
  count = number(database, "SELECT count(*) FROM images");
}

bool MarkFile::exists(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return false;
  const auto size = std::filesystem::file_size(path, error);
  return error || size > 0;
}

std::unique_ptr<MarkFile> MarkFile::create(const std::filesystem::path& path, const MarkedSet& set) {
  if (exists(path)) throw Error("is there already", path.string());
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  std::unique_ptr<MarkFile> file(new MarkFile(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  Transaction transaction(file->database);
  file->database.run(("PRAGMA application_id = " + std::to_string(kApplication) +
                      "; PRAGMA user_version = " + std::to_string(kVersion))
                         .c_str());
  file->database.run(kSchema);
  fill(file->database, set);
  transaction.commit();
  file->load();
  return file;
}

std::unique_ptr<MarkFile> MarkFile::open(const std::filesystem::path& path) {
  if (!exists(path)) throw Error("database is missing", path.string());
  std::unique_ptr<MarkFile> file;
  std::int64_t application = 0;
  try {
    file.reset(new MarkFile(path, SQLITE_OPEN_READWRITE));
    application = number(file->database, "PRAGMA application_id");
  } catch (const Error& error) {
    throw Error("cannot be read as a database of marks", path.string(), "one that regard annotate made",
                error.what());
  }
  if (application != kApplication)
    throw Error("is another program's database", path.string(), "one that regard annotate made");
  const auto version = number(file->database, "PRAGMA user_version");
  if (version != kVersion)
    throw Error("database of marks has another version", path.string(), std::to_string(kVersion),
                std::to_string(version));
  file->load();
  return file;
}

void MarkFile::check_is_of(const std::string& other_dataset, const std::string& other_split,
                           const std::vector<std::string>& other_names) const {
  const auto described = [](const std::string& set, const std::string& part, std::size_t images) {
    return set + " " + part + " (" + std::to_string(images) + " images)";
  };
  const auto own = described(dataset, split, static_cast<std::size_t>(count));
  if (other_dataset != dataset || other_split != split || hash_of(other_names) != names)
    throw Error("database has the marks of other images", database.path(), own,
                described(other_dataset, other_split, other_names.size()));
}

}  // namespace regard
