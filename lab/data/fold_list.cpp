#include "lab/data/fold_list.h"

#include <algorithm>
#include <charconv>

#include "regard/core/csv.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/text.h"

namespace regard {

FoldList FoldList::read(const std::filesystem::path& path) {
  FoldList list;
  list.path_ = path.string();
  const auto text = read_text(path);
  list.sha256_ = regard::sha256(std::as_bytes(std::span(text)));
  const auto table = decode_text(text, list.path_);
  CsvReader rows(table, list.path_, csv_separator(table));
  while (const auto row = rows.next()) {
    const auto& fields = row->fields;
    if (fields[0].starts_with('#')) continue;
    int fold = -1;
    if (fields.size() == 2) std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), fold);
    if (fields.size() != 2 || fields[0].empty() || std::to_string(fold) != fields[1] || fold < 0)
      throw Error("line is not an image and its fold", rows.place(*row), "NAME,FOLD", join(fields, ","));
    if (!list.folds_.emplace(fields[0], fold).second)
      throw Error("image is listed twice", rows.place(*row), {}, fields[0]);
    list.count_ = std::max(list.count_, fold + 1);
  }
  return list;
}

int FoldList::fold(const std::string& name) const {
  const auto found = folds_.find(name);
  if (found == folds_.end()) throw Error("image has no fold", path_, "a line for every image", name);
  return found->second;
}

}  // namespace regard
