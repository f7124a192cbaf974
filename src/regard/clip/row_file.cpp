#include "regard/clip/row_file.h"

#include <algorithm>
#include <string>

#include "regard/core/error.h"

namespace regard {

namespace {

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

RowFile::RowFile(const std::filesystem::path& path, bool go_on) : path_(path) {
  if (go_on && std::filesystem::exists(path)) before_ = map_file(path);
  file_.emplace(path, before_.bytes.size());
}

void RowFile::write(std::string_view rows) {
  const auto before = text_of(before_);
  const auto common = std::min(rows.size(), before.size() - at_);
  if (before.substr(at_, common) != rows.substr(0, common))
    throw Error("the rows of this table are not those of the run that is to be continued", path_.string(),
                first_line(rows), first_line(before.substr(at_)));
  at_ += common;
  if (at_ == before.size()) before_ = {}, at_ = 0;  // all compared: its pages count as this program's memory
  if (common < rows.size()) file_->write(rows.substr(common));
}

}  // namespace regard
