#include "lab/annotate/marks.h"

#include <sqlite3.h>

#include <algorithm>
#include <unordered_set>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/json.h"

namespace regard {
namespace {

constexpr std::array<const char*, kMarks> kNames{"upper",        "bottom", "left-right",
                                                 "glasses-mask", "none",   "skip"};

// Stored in the header of the file, to recognise our databases.
constexpr int kApplication = 0x52474d4b, kVersion = 1;
constexpr int kPatience = 5000;  // milliseconds that another program's writing is waited for

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

class Statement;

/// An open database.
class Database {
 public:
  Database(const std::filesystem::path& path, int flags) : path_(path.string()) {
    const int code = sqlite3_open_v2(path_.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) {
      const std::string why = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
      sqlite3_close(handle_);
      throw Error("database cannot be opened: " + why, path_);
    }
    sqlite3_busy_timeout(handle_, kPatience);
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }
  [[noreturn]] void fail() const { throw Error(std::string("database: ") + sqlite3_errmsg(handle_), path_); }
  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_; }

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
};

/// A prepared statement with its values.
class Statement {
 public:
  Statement(const Database& database, const char* sql) : database_(database) {
    if (sqlite3_prepare_v2(database.handle(), sql, -1, &handle_, nullptr) != SQLITE_OK) database.fail();
  }
  ~Statement() { sqlite3_finalize(handle_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  template <class... Values>
  Statement& with(const Values&... values) {
    sqlite3_reset(handle_);
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }
  /// Whether there is a row (another row).
  bool next() {
    const int code = sqlite3_step(handle_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) database_.fail();
    return code == SQLITE_ROW;
  }
  void run() {
    while (next()) {
    }
  }
  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }
  double real(int column) const { return sqlite3_column_double(handle_, column); }
  bool is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
  std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))) : "";
  }

 private:
  void bind(int index, std::int64_t value) { check(sqlite3_bind_int64(handle_, index, value)); }
  void bind(int index, int value) { check(sqlite3_bind_int64(handle_, index, value)); }
  void bind(int index, double value) { check(sqlite3_bind_double(handle_, index, value)); }
  void bind(int index, const std::optional<std::int64_t>& value) {
    check(value ? sqlite3_bind_int64(handle_, index, *value) : sqlite3_bind_null(handle_, index));
  }
  void bind(int index, const std::string& value) {
    check(sqlite3_bind_text(handle_, index, value.c_str(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
  }
  void check(int code) const {
    if (code != SQLITE_OK) database_.fail();
  }

  const Database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

/// Rolled back unless `commit` is called.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }
  ~Transaction() {
    if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    database_.run("COMMIT");
    open_ = false;
  }

 private:
  Database& database_;
  bool open_ = true;
};

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

constexpr const char* kColumns = "SELECT place, name, label, suspicion, mark FROM images ";

MarkedImage image_of(const Statement& row) {
  MarkedImage image;
  image.place = row.integer(0);
  image.name = row.text(1);
  image.label = static_cast<int>(row.integer(2));
  image.suspicion = row.real(3);
  if (!row.is_null(4)) image.mark = static_cast<Mark>(row.integer(4));
  return image;
}

/// The single number that a query returns.
std::int64_t number(const Database& database, const char* sql) {
  Statement query(database, sql);
  if (!query.next()) throw Error("is no database of marks", database.path());
  return query.integer(0);
}

}  // namespace

const char* name_of(Mark mark) {
  return kNames.at(static_cast<std::size_t>(mark));
}

std::optional<Mark> mark_named(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return {};
  return static_cast<Mark>(found - kNames.begin());
}

struct MarkStore::Impl {
  Database database;
  std::mutex mutex;
  std::string dataset, split, names;
  std::vector<std::string> labels;
  std::int64_t count = 0;

  Impl(const std::filesystem::path& path, int flags) : database(path, flags) {
    // One file, and on the disk when COMMIT returns.
    database.run("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA");
  }

  std::string about(const std::string& key) const {
    Statement query(database, "SELECT value FROM about WHERE key = ?");
    if (!query.with(key).next()) throw Error("database of marks lacks '" + key + "'", database.path());
    return query.text(0);
  }

  void load() {
    dataset = about("dataset"), split = about("split"), names = about("names");
    labels = parse_json(about("labels"), database.path()).get<std::vector<std::string>>();
    count = number(database, "SELECT count(*) FROM images");
  }

  std::vector<MarkedImage> select(const std::string& condition) {
    const std::lock_guard lock(mutex);
    Statement query(database, (kColumns + condition).c_str());
    std::vector<MarkedImage> images;
    while (query.next()) images.push_back(image_of(query));
    return images;
  }
};

MarkStore::MarkStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MarkStore::~MarkStore() = default;
MarkStore::MarkStore(MarkStore&&) noexcept = default;
MarkStore& MarkStore::operator=(MarkStore&&) noexcept = default;

bool MarkStore::exists(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return false;
  const auto size = std::filesystem::file_size(path, error);
  return error || size > 0;
}

MarkStore MarkStore::create(const std::filesystem::path& path, const MarkedSet& set) {
  if (exists(path)) throw Error("is there already", path.string());
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  auto impl = std::make_unique<Impl>(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  Transaction transaction(impl->database);
  impl->database.run(("PRAGMA application_id = " + std::to_string(kApplication) +
                      "; PRAGMA user_version = " + std::to_string(kVersion))
                         .c_str());
  impl->database.run(kSchema);
  fill(impl->database, set);
  transaction.commit();
  impl->load();
  return MarkStore(std::move(impl));
}

MarkStore MarkStore::open(const std::filesystem::path& path) {
  if (!exists(path)) throw Error("database is missing", path.string());
  std::unique_ptr<Impl> impl;
  std::int64_t application = 0;
  try {
    impl = std::make_unique<Impl>(path, SQLITE_OPEN_READWRITE);
    application = number(impl->database, "PRAGMA application_id");
  } catch (const Error& error) {
    throw Error("cannot be read as a database of marks", path.string(), "one that regard annotate made",
                error.what());
  }
  if (application != kApplication)
    throw Error("is another program's database", path.string(), "one that regard annotate made");
  const auto version = number(impl->database, "PRAGMA user_version");
  if (version != kVersion)
    throw Error("database of marks has another version", path.string(), std::to_string(kVersion),
                std::to_string(version));
  impl->load();
  return MarkStore(std::move(impl));
}

const std::string& MarkStore::dataset() const {
  return impl_->dataset;
}
const std::string& MarkStore::split() const {
  return impl_->split;
}
const std::vector<std::string>& MarkStore::labels() const {
  return impl_->labels;
}
std::int64_t MarkStore::count() const {
  return impl_->count;
}

void MarkStore::check_is_of(const std::string& dataset, const std::string& split,
                            const std::vector<std::string>& names) const {
  const auto described = [](const std::string& set, const std::string& part, std::size_t images) {
    return set + " " + part + " (" + std::to_string(images) + " images)";
  };
  const auto own = described(impl_->dataset, impl_->split, static_cast<std::size_t>(impl_->count));
  if (dataset != impl_->dataset || split != impl_->split || hash_of(names) != impl_->names)
    throw Error("database has the marks of other images", impl_->database.path(), own,
                described(dataset, split, names.size()));
}

MarkedImage MarkStore::at(std::int64_t place) const {
  const auto found = impl_->select("WHERE place = " + std::to_string(place));
  if (found.empty())
    throw Error("there is no such image", impl_->database.path(), "0 to " + std::to_string(impl_->count - 1),
                std::to_string(place));
  return found[0];
}

std::vector<MarkedImage> MarkStore::unmarked(std::size_t most) const {
  return impl_->select("WHERE mark IS NULL ORDER BY place LIMIT " + std::to_string(most));
}

std::vector<MarkedImage> MarkStore::marked() const {
  return impl_->select("WHERE mark IS NOT NULL ORDER BY place");
}

std::vector<MarkedImage> MarkStore::recent(std::size_t most) const {
  return impl_->select(
      "JOIN (SELECT place, max(id) AS last FROM strokes GROUP BY place) USING (place) ORDER BY last DESC "
      "LIMIT " +
      std::to_string(most));
}

std::array<std::int64_t, kMarks> MarkStore::counts() const {
  const std::lock_guard lock(impl_->mutex);
  std::array<std::int64_t, kMarks> counts{};
  Statement query(impl_->database, "SELECT mark, count(*) FROM images WHERE mark IS NOT NULL GROUP BY mark");
  while (query.next()) counts.at(static_cast<std::size_t>(query.integer(0))) = query.integer(1);
  return counts;
}

void MarkStore::mark(std::int64_t place, Mark mark) {
  const auto before = at(place).mark;
  const std::lock_guard lock(impl_->mutex);
  Transaction transaction(impl_->database);
  const auto after = static_cast<std::int64_t>(mark);
  const auto was = before ? std::optional(static_cast<std::int64_t>(*before)) : std::nullopt;
  Statement(impl_->database, "INSERT INTO strokes (place, before, after) VALUES (?, ?, ?)")
      .with(place, was, after)
      .run();
  Statement(impl_->database, "UPDATE images SET mark = ? WHERE place = ?").with(after, place).run();
  transaction.commit();
}

std::optional<std::int64_t> MarkStore::undo() {
  const std::lock_guard lock(impl_->mutex);
  Transaction transaction(impl_->database);
  Statement last(impl_->database, "SELECT id, place, before FROM strokes ORDER BY id DESC LIMIT 1");
  if (!last.next()) return {};
  const auto id = last.integer(0), place = last.integer(1);
  const auto before = last.is_null(2) ? std::nullopt : std::optional(last.integer(2));
  last.with();
  Statement(impl_->database, "UPDATE images SET mark = ? WHERE place = ?").with(before, place).run();
  Statement(impl_->database, "DELETE FROM strokes WHERE id = ?").with(id).run();
  transaction.commit();
  return place;
}

std::string occlusion_list(const MarkStore& store) {
  std::string lines;
  for (const auto& image : store.marked()) {
    const auto type = static_cast<std::size_t>(*image.mark);
    if (type < kOcclusionTypes)
      lines += std::to_string(image.label) + "_" + image.name + " 8 " + std::to_string(type) + "\n";
  }
  return lines;
}

}  // namespace regard
