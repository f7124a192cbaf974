#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "regard/image/bytes.h"

namespace regard {

/// The images of a HEIF file (ISO/IEC 23008-12) according to its boxes and to the headers of their HEVC or
/// AV1 data, so that sizes are known before decoding: the size in the boxes may differ from the decoder's.
class HeifBoxes {
 public:
  struct Size {
    std::uint32_t width = 0, height = 0;
    std::uint64_t area() const { return std::uint64_t{width} * height; }
    bool operator==(const Size&) const = default;
  };

  /// Throws Error if boxes are truncated, or if an image or one of its parts is too large.
  HeifBoxes(std::span<const std::byte> bytes, const std::string& where);

  /// Four letters: how the first image is coded ("hvc1", "av01", ...), or the first part of what it is put
  /// together of; empty if there is no image.
  std::string coding() const;

  /// Whether there is a track, as there is in sequences.
  bool has_track() const { return has_track_; }

 private:
  struct Box {
    std::string type;
    std::size_t start = 0, end = 0;  // of what follows the header
  };
  struct Extent {
    std::uint64_t offset = 0, length = 0;
    bool in_idat = false;
  };
  struct Item {
    std::string type;
    std::vector<Extent> extents;
    std::vector<std::uint32_t> parts;       // what it is derived of
    std::vector<std::uint32_t> properties;  // places in properties_, from 1 on
    Size size;                              // as coded; 0 x 0: unknown
    std::uint64_t work = 0;                 // pixels that are decoded for it; 0: not counted yet
  };

  std::vector<Box> boxes(std::size_t start, std::size_t end) const;
  void read_meta(const Box& meta);
  void read_items(const Box& box);
  void read_locations(const Box& box);
  void read_references(const Box& box);
  void read_properties(const Box& box);
  void read_associations(const Box& box);
  std::vector<std::byte> data_of(const Item& item);
  Size coded_size(const Item& item);
  std::uint64_t count_work(Item& item, int depth);
  void check_alpha() const;
  std::uint32_t version(const Box& box) const { return file_.u8(box.start); }
  std::uint32_t id_at(std::size_t& at, bool wide) const;

  ByteReader file_;
  const std::string& where_;
  std::uint32_t primary_ = 0;
  std::map<std::uint32_t, Item> items_;
  std::vector<Box> properties_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> auxiliary_;  // of which image
  Box idat_;
  std::uint64_t data_read_ = 0, extents_ = 0;
  bool has_track_ = false;
};

}  // namespace regard
