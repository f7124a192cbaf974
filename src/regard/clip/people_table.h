#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// Changes of who is who in a table that is finished (clip_writer.h: CSV or JSON lines).
namespace regard {

struct PeopleChanges {
  std::vector<std::vector<int>> merges = {};  ///< the people of each list are one, with the first number
  std::map<int, std::string> names = {};      ///< by number, before or after the merges
};

/// "3,7" -> 3, 7. Throws Error naming `where` unless it is two numbers of people or more.
std::vector<int> parse_merge(const std::string& text, const std::string& where);

/// "3=mother" -> 3, mother. Throws Error naming `where` for anything else.
std::pair<int, std::string> parse_name(const std::string& text, const std::string& where);

/// Writes `table` with its people changed to `out`, which may be the same file. Names are in the column
/// `name` behind face_id, which a table gets that has none. Throws Error for a file that is no such table,
/// for a number that is not in it, and if two who are to be one are seen in the same frame.
void change_people(const std::filesystem::path& table, const PeopleChanges& changes,
                   const std::filesystem::path& out);

}  // namespace regard
