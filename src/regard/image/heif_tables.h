#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "regard/image/bytes.h"

namespace regard {

struct HeifSize {
  std::uint32_t width = 0, height = 0;
  std::uint64_t area() const { return std::uint64_t{width} * height; }
  bool operator==(const HeifSize&) const = default;
};

struct HeifBox {
  std::string type;
  std::size_t start = 0, end = 0;  // of what follows the header
};

struct HeifExtent {
  std::uint64_t offset = 0, length = 0;
  bool in_idat = false;
};

struct HeifItem {
  std::string type;
  std::vector<HeifExtent> extents;
  std::vector<std::uint32_t> parts;       // what it is derived of
  std::vector<std::uint32_t> properties;  // places in properties_, from 1 on
  HeifSize size;                          // as coded; 0 x 0: unknown
  std::uint64_t work = 0;                 // pixels that are decoded for it; 0: not counted yet
};

/// The boxes of a HEIF file (ISO/IEC 23008-12): its items, where their data is, and what they are made of.
/// Nothing is decoded.
class HeifTables {
 public:
  using Size = HeifSize;

  /// Whether there is a track, as there is in sequences.
  bool has_track() const { return has_track_; }

 protected:
  using Box = HeifBox;
  using Item = HeifItem;
  static constexpr std::size_t kFullBox = 4;  // version and flags

  /// Throws Error if boxes are truncated.
  HeifTables(std::span<const std::byte> bytes, const std::string& where);

  ByteReader file_;
  const std::string& where_;
  std::uint32_t primary_ = 0;
  std::map<std::uint32_t, Item> items_;
  std::vector<Box> properties_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> auxiliary_;  // of which image
  Box idat_;

 private:
  std::vector<Box> boxes(std::size_t start, std::size_t end) const;
  void read_meta(const Box& meta);
  void read_items(const Box& box);
  void read_locations(const Box& box);
  void read_references(const Box& box);
  void read_properties(const Box& box);
  void read_associations(const Box& box);
  std::uint32_t version(const Box& box) const { return file_.u8(box.start); }
  std::uint32_t id_at(std::size_t& at, bool wide) const;

  std::uint64_t extents_ = 0;
  bool has_track_ = false;
};

}  // namespace regard
