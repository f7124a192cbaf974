#include "regard/image/heif_tables.h"

#include <algorithm>
#include <bit>
#include <string_view>

#include "regard/image/codec.h"

namespace regard {
namespace {

constexpr std::uint64_t kMostExtents = 65'536;

std::string letters(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

HeifTables::HeifTables(std::span<const std::byte> bytes, const std::string& where)
    : file_(bytes, where, std::endian::big), where_(where) {
  for (const auto& box : boxes(0, bytes.size())) {
    if (box.type == "meta" && items_.empty()) read_meta(box);
    has_track_ |= box.type == "moov";
  }
}

/// Consecutive boxes. One that extends beyond the end is cut off there: data may be missing at the end of a
/// file with complete boxes.
std::vector<HeifTables::Box> HeifTables::boxes(std::size_t start, std::size_t end) const {
  constexpr std::size_t kMost = 65'536;
  std::vector<Box> found;
  while (start + 8 <= end && found.size() < kMost) {
    std::uint64_t size = file_.u32(start), header = 8;
    if (size == 1) size = file_.number(start + 8, 8), header = 16;
    if (size == 0) size = end - start;
    if (size < header) throw damaged_image("HEIF", where_, "a box is shorter than its header");
    const std::size_t stop = start + std::min<std::uint64_t>(size, end - start);
    found.push_back({letters(file_.part(start + 4, 4)), std::min<std::size_t>(start + header, stop), stop});
    start = stop;
  }
  return found;
}

void HeifTables::read_meta(const Box& meta) {
  const auto parts = boxes(meta.start + kFullBox, meta.end);
  const auto read = [&](std::string_view type, auto&& function) {
    for (const auto& box : parts)
      if (box.type == type) function(box);
  };
  read("pitm", [&](const Box& box) {
    std::size_t at = box.start + kFullBox;
    primary_ = id_at(at, version(box) > 0);
  });
  read("idat", [&](const Box& box) { idat_ = box; });
  read("iinf", [&](const Box& box) { read_items(box); });
  read("iloc", [&](const Box& box) { read_locations(box); });
  read("iref", [&](const Box& box) { read_references(box); });
  read("iprp", [&](const Box& box) { read_properties(box); });
}

std::uint32_t HeifTables::id_at(std::size_t& at, bool wide) const {
  const std::uint32_t id = wide ? file_.u32(at) : file_.u16(at);
  at += wide ? 4 : 2;
  return id;
}

void HeifTables::read_items(const Box& box) {
  const std::size_t start = box.start + kFullBox + (version(box) == 0 ? 2 : 4);
  for (const auto& entry : boxes(start, box.end)) {
    if (entry.type != "infe" || version(entry) < 2) continue;
    std::size_t at = entry.start + kFullBox;
    const std::uint32_t id = id_at(at, version(entry) > 2);
    items_[id].type = letters(file_.part(at + 2, 4));
  }
}

void HeifTables::read_locations(const Box& box) {
  const std::uint32_t version = this->version(box);
  std::size_t at = box.start + kFullBox;
  const std::uint32_t sizes = file_.u16(at);
  const std::size_t offset_size = sizes >> 12, length_size = sizes >> 8 & 15, base_size = sizes >> 4 & 15;
  const std::size_t index_size = version > 0 ? sizes & 15 : 0;
  for (const std::size_t size : {offset_size, length_size, base_size, index_size})
    if (size > 8) throw damaged_image("HEIF", where_, "a number of more than 8 bytes");
  at += 2;
  const auto take = [&](std::size_t size) {
    at += size;
    return file_.number(at - size, size);
  };
  for (std::uint32_t count = id_at(at, version > 1); count > 0; --count) {
    auto& item = items_[id_at(at, version > 1)];
    const bool in_idat = version > 0 && (take(2) & 15) == 1;
    at += 2;  // which file
    const std::uint64_t base = take(base_size);
    std::uint64_t extents = take(2);
    if ((extents_ += extents) > kMostExtents) throw damaged_image("HEIF", where_, "too many extents");
    for (; extents > 0; --extents) {
      at += index_size;
      const std::uint64_t offset = base + take(offset_size);
      item.extents.push_back({offset, take(length_size), in_idat});
    }
  }
}

void HeifTables::read_references(const Box& box) {
  const bool wide = version(box) > 0;
  for (const auto& reference : boxes(box.start + kFullBox, box.end)) {
    std::size_t at = reference.start;
    const std::uint32_t from = id_at(at, wide);
    for (std::uint32_t count = file_.u16(at), i = (at += 2, 0); i < count; ++i) {
      const std::uint32_t to = id_at(at, wide);
      if (reference.type == "dimg") items_[from].parts.push_back(to);
      if (reference.type == "auxl") auxiliary_.emplace_back(from, to);
    }
  }
}

void HeifTables::read_properties(const Box& box) {
  for (const auto& part : boxes(box.start, box.end)) {
    if (part.type == "ipco") properties_ = boxes(part.start, part.end);
    if (part.type == "ipma") read_associations(part);
  }
}

void HeifTables::read_associations(const Box& box) {
  std::size_t at = box.start + kFullBox;
  const bool wide = file_.u8(box.start + 3) & 1;
  std::uint32_t entries = file_.u32(at);
  for (at += 4; entries > 0; --entries) {
    const std::uint32_t id = id_at(at, version(box) > 0);
    for (std::uint32_t count = file_.u8(at++); count > 0; --count, at += wide ? 2 : 1)
      items_[id].properties.push_back(wide ? file_.u16(at) & 0x7fff : file_.u8(at) & 0x7f);
  }
}

}  // namespace regard
