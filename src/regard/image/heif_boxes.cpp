#include "regard/image/heif_boxes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "regard/image/bits.h"
#include "regard/image/codec.h"
#include "regard/image/decode.h"

namespace regard {
namespace {

/// The size that a sequence header of AV1 allows frames (AV1 specification, 5.5.1).
HeifBoxes::Size av1_size(std::span<const std::byte> header) {
  BitReader bits(header);
  bits.skip(3 + 1);
  if (bits.bit()) {  // reduced still picture header
    bits.skip(5);
  } else {
    int delay_bits = 0;
    if (bits.bit()) {  // timing info
      bits.skip(64);
      if (bits.bit()) bits.golomb();
      if (bits.bit()) {  // decoder model
        delay_bits = static_cast<int>(bits.bits(5)) + 1;
        bits.skip(32 + 5 + 5);
      }
    }
    const bool has_delay = bits.bit();
    for (std::uint32_t i = 0, points = bits.bits(5); i <= points; ++i) {
      bits.skip(12);
      if (bits.bits(5) > 7) bits.skip(1);
      if (delay_bits > 0 && bits.bit()) bits.skip(2 * static_cast<std::size_t>(delay_bits) + 1);
      if (has_delay && bits.bit()) bits.skip(4);
    }
  }
  const int width_bits = static_cast<int>(bits.bits(4)) + 1, height_bits = static_cast<int>(bits.bits(4)) + 1;
  const std::uint32_t width = bits.bits(width_bits) + 1;
  return {width, bits.bits(height_bits) + 1};
}

/// The largest size in a sequence of AV1's open bitstream units (5.3).
HeifBoxes::Size av1_largest(std::span<const std::byte> data) {
  constexpr std::uint32_t kSequenceHeader = 1;
  HeifBoxes::Size largest;
  for (std::size_t at = 0; at < data.size();) {
    const auto header = std::to_integer<std::uint32_t>(data[at++]);
    if (header & 4) ++at;  // an extension
    std::uint64_t size = at < data.size() ? data.size() - at : 0;
    if (header & 2) {
      size = 0;
      for (int i = 0; i < 8 && at < data.size(); ++i) {
        const auto byte = std::to_integer<std::uint64_t>(data[at++]);
        size |= (byte & 0x7f) << 7 * i;
        if (!(byte & 0x80)) break;
      }
    }
    const std::size_t taken = std::min<std::uint64_t>(size, data.size() - std::min(at, data.size()));
    if ((header >> 3 & 15) == kSequenceHeader) {
      const auto found = av1_size(data.subspan(std::min(at, data.size()), taken));
      if (found.area() > largest.area()) largest = found;
    }
    at += taken;
  }
  return largest;
}

/// Without the bytes that keep start codes from arising in the data.
std::vector<std::byte> without_emulation(std::span<const std::byte> unit) {
  std::vector<std::byte> plain;
  for (std::size_t i = 0; i < unit.size(); ++i) {
    const bool escape =
        i >= 2 && unit[i] == std::byte{3} && unit[i - 1] == std::byte{0} && unit[i - 2] == std::byte{0};
    if (!escape) plain.push_back(unit[i]);
  }
  return plain;
}

/// The size in a sequence parameter set of HEVC (ITU-T H.265, 7.3.2.2).
HeifBoxes::Size hevc_size(std::span<const std::byte> unit) {
  constexpr std::size_t kLongest = 1024;  // what is looked at comes long before
  const auto plain = without_emulation(unit.subspan(0, std::min(unit.size(), kLongest)));
  BitReader bits(plain);
  bits.skip(16 + 4);  // the unit's header
  const int layers = static_cast<int>(bits.bits(3));
  bits.skip(1 + 88 + 8);
  std::size_t skipped = 0;
  for (int i = 0; i < layers; ++i) skipped += 88 * bits.bit() + 8 * bits.bit();
  if (layers > 0) bits.skip(2 * static_cast<std::size_t>(8 - layers));
  bits.skip(skipped);
  bits.golomb();
  if (bits.golomb() == 3) bits.skip(1);
  const std::uint32_t width = bits.golomb();
  return {width, bits.golomb()};
}

void take_larger(HeifBoxes::Size& largest, std::span<const std::byte> unit) {
  constexpr std::uint32_t kSequenceParameters = 33;
  if (unit.size() < 3 || (std::to_integer<std::uint32_t>(unit[0]) >> 1 & 63) != kSequenceParameters) return;
  const auto size = hevc_size(unit);
  if (size.area() > largest.area()) largest = size;
}

/// The largest size in HEVC's configuration (ISO/IEC 14496-15, 8.3.3) and in the data itself, whose units
/// come with their lengths before them.
HeifBoxes::Size hevc_largest(std::span<const std::byte> configuration, std::span<const std::byte> data,
                             const std::string& where) {
  const ByteReader file(configuration, where, std::endian::big);
  HeifBoxes::Size largest;
  std::size_t at = 23;
  for (std::uint32_t arrays = file.u8(22); arrays > 0; --arrays) {
    std::uint32_t units = file.u16(at + 1);
    for (at += 3; units > 0; --units) {
      const std::size_t size = file.u16(at);
      take_larger(largest, file.part(at + 2, size));
      at += 2 + size;
    }
  }
  const std::size_t digits = (file.u8(21) & 3) + 1;
  const ByteReader units(data, where, std::endian::big);
  for (std::size_t place = 0; place + digits <= data.size();) {
    const std::size_t size = units.number(place, digits), left = data.size() - place - digits;
    take_larger(largest, data.subspan(place + digits, std::min(size, left)));
    place += digits + std::min(size, left);
  }
  return largest;
}

}  // namespace

HeifBoxes::HeifBoxes(std::span<const std::byte> bytes, const std::string& where) : HeifTables(bytes, where) {
  for (auto& [id, item] : items_) item.size = coded_size(item);
  for (auto& [id, item] : items_) count_work(item, 0);
  check_alpha();
}

std::string HeifBoxes::coding() const {
  auto found = items_.find(primary_);
  for (int depth = 0; depth < 8 && found != items_.end() && !found->second.parts.empty(); ++depth) {
    const auto part = items_.find(found->second.parts.front());
    if (part == items_.end()) break;
    found = part;
  }
  return found == items_.end() ? "" : found->second.type;
}

/// The available data of an item.
std::vector<std::byte> HeifBoxes::data_of(const Item& item) {
  std::vector<std::byte> data;
  for (const auto& extent : item.extents) {
    const std::size_t start = extent.in_idat ? idat_.start : 0,
                      end = extent.in_idat ? idat_.end : file_.size();
    if (extent.offset >= end - start) throw cut_short(where_);
    const std::uint64_t left = end - start - extent.offset, size = extent.length ? extent.length : left;
    if (size > left) throw cut_short(where_);
    // Extents may overlap, but not often in a valid file.
    if ((data_read_ += size) > 2 * std::uint64_t{file_.size()} + 65'536)
      throw damaged_image("HEIF", where_, "items overlap");
    const auto part = file_.part(start + extent.offset, size);
    data.insert(data.end(), part.begin(), part.end());
  }
  return data;
}

HeifBoxes::Size HeifBoxes::coded_size(const Item& item) {
  if (item.type == "av01") return av1_largest(data_of(item));
  if (item.type == "hvc1")
    for (const std::uint32_t place : item.properties)
      if (place >= 1 && place <= properties_.size() && properties_[place - 1].type == "hvcC") {
        const Box& box = properties_[place - 1];
        return hevc_largest(file_.part(box.start, box.end - box.start), data_of(item), where_);
      }
  if (item.type == "grid") {
    const auto data = data_of(item);
    const ByteReader grid(data, where_, std::endian::big);
    return grid.u8(1) & 1 ? Size{grid.u32(4), grid.u32(8)} : Size{grid.u16(4), grid.u16(6)};
  }
  return {};
}

/// Pixels to decode for an item. Throws Error if it is too large, or part of itself.
std::uint64_t HeifBoxes::count_work(Item& item, int depth) {
  constexpr int kDeepest = 4;
  constexpr std::uint64_t kMostWork = 2 * static_cast<std::uint64_t>(kMaxPixels);
  if (item.work > 0) return item.work;
  if (depth > kDeepest) throw damaged_image("HEIF", where_, "images are put together of themselves");
  if (item.size.area() > 0) check_image_size(item.size.width, item.size.height, where_);
  for (const std::uint32_t place : item.properties)
    if (place >= 1 && place <= properties_.size() && properties_[place - 1].type == "ispe") {
      const std::size_t at = properties_[place - 1].start + kFullBox;
      check_image_size(file_.u32(at), file_.u32(at + 4), where_);
    }
  std::uint64_t work = std::max<std::uint64_t>(item.size.area(), 1);
  for (const std::uint32_t id : item.parts) {
    const auto part = items_.find(id);
    if (part != items_.end()) work += count_work(part->second, depth + 1);
    if (work > kMostWork)
      throw Error("image is too large", where_,
                  "at most " + std::to_string(kMostWork) + " pixels in its parts");
  }
  return item.work = work;
}

/// Checks that alpha has the size of its image, which libheif assumes.
void HeifBoxes::check_alpha() const {
  for (const auto& [alpha, image] : auxiliary_) {
    const auto first = items_.find(alpha), second = items_.find(image);
    if (first == items_.end() || second == items_.end()) continue;
    const Size a = first->second.size, b = second->second.size;
    if (first->second.type == second->second.type && a.area() > 0 && b.area() > 0 && a != b)
      throw damaged_image("HEIF", where_, "alpha is of another size than the image");
  }
}

}  // namespace regard
