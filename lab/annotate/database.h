#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "regard/core/error.h"

/// A thin wrapper of SQLite. All members throw Error naming the file.
namespace regard {

/// An open database.
class Database {
 public:
  /// `flags`: as sqlite3_open_v2 has them.
  Database(const std::filesystem::path& path, int flags);
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

/// The single number that a query returns.
std::int64_t number(const Database& database, const char* sql);

}  // namespace regard
