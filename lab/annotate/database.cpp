#include "lab/annotate/database.h"

namespace regard {
namespace {

constexpr int kPatience = 5000;  // milliseconds that another program's writing is waited for

}  // namespace

Database::Database(const std::filesystem::path& path, int flags) : path_(path.string()) {
  const int code = sqlite3_open_v2(path_.c_str(), &handle_, flags, nullptr);
  if (code != SQLITE_OK) {
    const std::string why = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    sqlite3_close(handle_);
    throw Error("database cannot be opened: " + why, path_);
  }
  sqlite3_busy_timeout(handle_, kPatience);
}

std::int64_t number(const Database& database, const char* sql) {
  Statement query(database, sql);
  if (!query.next()) throw Error("is no database of marks", database.path());
  return query.integer(0);
}

}  // namespace regard
