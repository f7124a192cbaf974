#include "regard/archive/inputs.h"

#include <algorithm>
#include <array>
#include <span>

#include "regard/core/error.h"
#include "regard/core/text.h"
#include "regard/image/decode.h"
#include "regard/image/image_files.h"

namespace regard {
namespace {

constexpr std::array<std::string_view, 4> kInputColumns{"file", "archive", "offset", "bytes"};

bool is_of_a_system(const std::filesystem::path& name) {
  return std::ranges::any_of(name, [](const auto& part) { return is_companion_name(part.string()); });
}

/// As in a folder: by its ending or, without one, its first bytes.
bool is_image_in(const TarFile& tar, const TarEntry& entry) {
  if (!ending_of(entry.name).empty()) return is_image_name(entry.name);
  const std::string start = tar.read(entry.offset, std::min<std::uint64_t>(entry.bytes, kImageStart));
  return starts_as_image(std::as_bytes(std::span(start)));
}

std::string number_field(const ArchiveInput& image, std::uint64_t number) {
  return image.archive.empty() ? "" : std::to_string(number);
}

std::uint64_t parsed_number(const std::string& field, const std::string& place) {
  const auto number = whole_number<std::uint64_t>(field);
  if (!number) throw Error("is no number of bytes", place, {}, field);
  return *number;
}

}  // namespace

bool is_tar_name(const std::filesystem::path& path) {
  return ending_of(path) == ".tar";
}

InputList::InputList(const std::filesystem::path& folder) : file_(folder / "inputs.csv") {
  text_ = csv_row(std::vector<std::string>(kInputColumns.begin(), kInputColumns.end()));
}

void InputList::add(const ArchiveInput& image) {
  constexpr std::size_t kPiece = 1 << 16;
  text_ += csv_row(std::array{image.file, image.archive, number_field(image, image.offset),
                              number_field(image, image.bytes)});
  ++images_;
  if (text_.size() >= kPiece) flush();
}

void InputList::add_tar(const std::filesystem::path& path) {
  const TarFile tar(path);
  TarReader entries(tar);
  PassedOver passed;
  const auto before = images_;
  while (const auto entry = entries.next()) {
    if (is_of_a_system(entry->name)) continue;
    if (is_image_in(tar, *entry))
      add({path.string() + "/" + entry->name, path.string(), entry->offset, entry->bytes});
    else
      passed.add(entry->name);
  }
  const std::string skipped = passed.empty() ? "" : passed.text() + " skipped";
  if (images_ == before)
    throw Error("no images in this tar file" + (skipped.empty() ? "" : "; " + skipped), path.string());
  if (!skipped.empty()) skipped_.push_back(path.string() + ": " + skipped);
}

void InputList::flush() {
  file_.append(std::as_bytes(std::span(text_)));
  text_.clear();
}

MappedFile InputList::table() {
  flush();
  return file_.map();
}

InputReader::InputReader(std::string_view table, const std::string& where) : rows_(table, where) {
  const auto header = rows_.next();
  if (!header || !std::ranges::equal(header->fields, kInputColumns))
    throw Error("is no list of images", where, "a header");
}

std::optional<ArchiveInput> InputReader::next() {
  const auto row = rows_.next();
  if (!row) return {};
  rows_.check_width(*row, kInputColumns.size());
  ArchiveInput image{row->fields[0], row->fields[1]};
  if (!image.archive.empty()) {
    image.offset = parsed_number(row->fields[2], rows_.place(*row));
    image.bytes = parsed_number(row->fields[3], rows_.place(*row));
  }
  return image;
}

}  // namespace regard
