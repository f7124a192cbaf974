#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/codec.h"

namespace regard {
namespace {

/// A file, read up to its first frame.
class GifFile {
 public:
  GifFile(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {
    int error = 0;
    gif_ = DGifOpen(this, read_bytes, &error);
    if (!gif_) fail(error);
    try {
      find_frame();
    } catch (...) {
      close();
      throw;
    }
  }
  ~GifFile() { close(); }
  GifFile(const GifFile&) = delete;
  GifFile& operator=(const GifFile&) = delete;

  const GifImageDesc& frame() const { return gif_->Image; }
  /// The transparent index; -1 if there is none.
  int transparent() const { return transparent_; }

  /// The screen, enlarged if the frame needs more.
  std::int64_t width() const { return std::max<std::int64_t>(gif_->SWidth, frame().Left + frame().Width); }
  std::int64_t height() const { return std::max<std::int64_t>(gif_->SHeight, frame().Top + frame().Height); }

  const ColorMapObject& colours() const {
    const ColorMapObject* map = frame().ColorMap ? frame().ColorMap : gif_->SColorMap;
    if (!map) throw unsupported_image("GIF", where_, "a palette", "none");
    return *map;
  }

  void read_row(std::vector<GifPixelType>& row) {
    if (DGifGetLine(gif_, row.data(), static_cast<int>(row.size())) == GIF_ERROR) fail(gif_->Error);
  }

 private:
  static int read_bytes(GifFileType* gif, GifByteType* to, int count) {
    auto* file = static_cast<GifFile*>(gif->UserData);
    const std::size_t left = file->bytes_.size() - file->position_;
    const std::size_t size = std::min(left, static_cast<std::size_t>(std::max(count, 0)));
    file->is_cut_ |= size < static_cast<std::size_t>(count);
    std::memcpy(to, file->bytes_.data() + file->position_, size);
    file->position_ += size;
    return static_cast<int>(size);
  }

  void check(int result) {
    if (result == GIF_ERROR) fail(gif_->Error);
  }

  void find_frame() {
    for (GifRecordType type = UNDEFINED_RECORD_TYPE; type != IMAGE_DESC_RECORD_TYPE;) {
      check(DGifGetRecordType(gif_, &type));
      if (type == TERMINATE_RECORD_TYPE) throw Error("image has no pixels", where_);
      if (type == EXTENSION_RECORD_TYPE) read_extension();
    }
    check(DGifGetImageDesc(gif_));
  }

  void read_extension() {
    int kind = 0;
    GifByteType* block = nullptr;  // its length, then that many bytes
    check(DGifGetExtension(gif_, &kind, &block));
    GraphicsControlBlock control;
    if (kind == GRAPHICS_EXT_FUNC_CODE && block &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
      transparent_ = control.TransparentColor;
    while (block) check(DGifGetExtensionNext(gif_, &block));
  }

  void close() {
    int ignored = 0;
    DGifCloseFile(gif_, &ignored);
  }

  [[noreturn]] void fail(int error) const {
    if (is_cut_) throw cut_short(where_);
    const char* reason = GifErrorString(error);
    throw damaged_image("GIF", where_, reason ? reason : "");
  }

  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::size_t position_ = 0;
  bool is_cut_ = false;
  GifFileType* gif_ = nullptr;
  int transparent_ = NO_TRANSPARENT_COLOR;
};

void paint_row(const std::vector<GifPixelType>& row, const ColorMapObject& colours, int transparent,
               std::uint8_t* rgb) {
  for (const GifPixelType index : row) {
    const bool known = index < colours.ColorCount;  // what is not is black, as elsewhere
    const GifColorType colour = known ? colours.Colors[index] : GifColorType{0, 0, 0};
    if (index != transparent) rgb[0] = colour.Red, rgb[1] = colour.Green, rgb[2] = colour.Blue;
    rgb += 3;
  }
}

}  // namespace

Image decode_gif(std::span<const std::byte> bytes, const std::string& where) {
  GifFile gif(bytes, where);
  const GifImageDesc frame = gif.frame();
  check_image_size(frame.Width, frame.Height, where);
  check_image_size(gif.width(), gif.height(), where);
  const auto& colours = gif.colours();
  Image image(static_cast<int>(gif.width()), static_cast<int>(gif.height()));
  std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{255});
  std::vector<GifPixelType> row(static_cast<std::size_t>(frame.Width));
  struct Pass {
    int first, step;
  };
  constexpr Pass kInterlaced[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}}, kPlain[] = {{0, 1}};
  for (const auto& [first, step] : frame.Interlace ? std::span<const Pass>(kInterlaced) : kPlain)
    for (int y = first; y < frame.Height; y += step) {
      gif.read_row(row);
      paint_row(row, colours, gif.transparent(), image.row(frame.Top + y) + 3 * frame.Left);
    }
  return image;
}

}  // namespace regard
