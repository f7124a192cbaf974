#include "regard/image/heif.h"

#include <libheif/heif.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/codec.h"
#include "regard/image/heif_boxes.h"

namespace regard {
namespace {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using Context = std::unique_ptr<heif_context, Freed<heif_context_free>>;
using Handle = std::unique_ptr<heif_image_handle, Freed<heif_image_handle_release>>;
using Decoded = std::unique_ptr<heif_image, Freed<heif_image_release>>;
using Options = std::unique_ptr<heif_decoding_options, Freed<heif_decoding_options_free>>;

constexpr const char* kFormat = "HEIF";

void check(const heif_error& error, const std::string& where) {
  if (error.code == heif_error_Ok) return;
  std::string message = error.message ? error.message : "";
  if (message.ends_with('\n')) message.pop_back();
  if (error.subcode == heif_suberror_End_of_data) throw cut_short(where);
  if (error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype)
    throw unsupported_image(kFormat, where, "a still image of HEVC or AV1", message);
  if (error.subcode == heif_suberror_Security_limit_exceeded)
    throw Error("image is too large", where, {}, message);
  throw damaged_image(kFormat, where, message);
}

void check_coding(const HeifBoxes& boxes, const std::string& where) {
  const std::string coding = boxes.coding();
  if (coding.empty() && boxes.has_track())
    throw unsupported_image(kFormat, where, "a still image", "a sequence without one");
  if (coding.empty()) throw damaged_image(kFormat, where, "there is no image in it");
  if (coding != "hvc1" && coding != "av01")
    throw unsupported_image(kFormat, where, "HEVC or AV1", "'" + coding + "'");
  if (coding == "hvc1" && !heif_have_decoder_for_format(heif_compression_HEVC))
    throw missing_hevc_decoder(where);
}

/// A sample of a plane of up to 16 bits as 8 bits.
struct Plane {
  const std::uint8_t* data = nullptr;
  int stride = 0, bits = 8;

  std::uint8_t at(int x, int y) const {
    const std::uint8_t* row = data + static_cast<std::ptrdiff_t>(y) * stride;
    if (bits == 8) return row[x];
    const std::uint32_t value = row[2 * x] | row[2 * x + 1] << 8, most = (1u << bits) - 1;
    return static_cast<std::uint8_t>((std::min(value, most) * 255 + most / 2) / most);
  }
};

Plane plane_of(const heif_image* image, heif_channel channel, int width, int height,
               const std::string& where) {
  Plane plane;
  plane.data = heif_image_get_plane_readonly(image, channel, &plane.stride);
  plane.bits = heif_image_get_bits_per_pixel_range(image, channel);
  if (!plane.data || heif_image_get_width(image, channel) < width ||
      heif_image_get_height(image, channel) < height || plane.bits < 8 || plane.bits > 16)
    throw damaged_image(kFormat, where, "a channel is of another size than the image");
  return plane;
}

/// Three planes, blended with white if there is alpha.
Image to_rgb(const heif_image* decoded, bool multiplied, const std::string& where) {
  const int width = heif_image_get_primary_width(decoded), height = heif_image_get_primary_height(decoded);
  check_image_size(width, height, where);
  const std::array planes{plane_of(decoded, heif_channel_R, width, height, where),
                          plane_of(decoded, heif_channel_G, width, height, where),
                          plane_of(decoded, heif_channel_B, width, height, where)};
  const bool has_alpha = heif_image_has_channel(decoded, heif_channel_Alpha);
  const Plane alpha = has_alpha ? plane_of(decoded, heif_channel_Alpha, width, height, where) : Plane{};
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    std::uint8_t* to = image.row(y);
    for (int x = 0; x < width; ++x, to += 3) {
      std::array<std::uint8_t, 4> rgba{planes[0].at(x, y), planes[1].at(x, y), planes[2].at(x, y),
                                       has_alpha ? alpha.at(x, y) : std::uint8_t{255}};
      if (!multiplied || !has_alpha)
        lay_over_white(rgba.data(), to, 1);
      else
        for (std::size_t c = 0; c < 3; ++c)
          to[c] = static_cast<std::uint8_t>(std::min(rgba[c] + 255 - rgba[3], 255));
    }
  }
  return image;
}

}  // namespace

Error missing_hevc_decoder(const std::string& where) {
  return Error("HEIC cannot be read", where,
               "libheif with a decoder for HEVC (Debian, Ubuntu: the package libheif-plugin-libde265)",
               "none");
}

// irot and imir are applied by libheif; the EXIF orientation duplicates them and is ignored.
Image decode_heif(std::span<const std::byte> bytes, const std::string& where) {
  const HeifBoxes boxes(bytes, where);
  check_coding(boxes, where);
  register_av1_decoder();
  const Context context(heif_context_alloc());
  heif_context_set_max_decoding_threads(context.get(), 0);
  check(heif_context_read_from_memory_without_copy(context.get(), bytes.data(), bytes.size(), nullptr),
        where);
  heif_image_handle* found = nullptr;
  check(heif_context_get_primary_image_handle(context.get(), &found), where);
  const Handle handle(found);
  const int width = heif_image_handle_get_width(found), height = heif_image_handle_get_height(found);
  check_image_size(width, height, where);
  const std::uint64_t per_pixel = heif_image_handle_get_luma_bits_per_pixel(found) > 8 ? 24 : 12;
  check_decode_memory(per_pixel * static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height),
                      where);
  const Options options(heif_decoding_options_alloc());
  options->convert_hdr_to_8bit = 1;
  heif_image* decoded = nullptr;
  check(heif_decode_image(found, &decoded, heif_colorspace_RGB, heif_chroma_444, options.get()), where);
  const Decoded image(decoded);
  return to_rgb(decoded, heif_image_handle_is_premultiplied_alpha(found), where);
}

}  // namespace regard
