#include <dav1d/dav1d.h>
#include <libheif/heif.h>
#include <libheif/heif_plugin.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <utility>

#include "regard/image/decode.h"
#include "regard/image/heif.h"

// libheif's own dav1d plugin prints, and bounds neither sizes nor threads. This one takes precedence over it.
namespace regard {
namespace {

constexpr int kPriority = 200;  // libheif's own: 150 and less
constexpr heif_error kDone{heif_error_Ok, heif_suberror_Unspecified, "Success"};

heif_error failure(const char* message) {
  return {heif_error_Decoder_plugin_error, heif_suberror_Unspecified, message};
}

struct Av1Decoder {
  Dav1dContext* context = nullptr;
  Dav1dData data{};

  ~Av1Decoder() {
    dav1d_data_unref(&data);
    if (context) dav1d_close(&context);
  }
};

struct Av1Frame {
  Dav1dPicture data{};
  ~Av1Frame() { dav1d_picture_unref(&data); }
};

heif_error new_decoder(void** result) {
  auto* decoder = new Av1Decoder;
  *result = decoder;
  Dav1dSettings settings;
  dav1d_default_settings(&settings);
  settings.n_threads = 1;
  settings.all_layers = 0;
  settings.frame_size_limit = static_cast<unsigned>(kMaxPixels);
  settings.logger.callback = nullptr;
  return dav1d_open(&decoder->context, &settings) == 0 ? kDone : failure("AV1 decoder cannot be made");
}

heif_error push_data(void* decoder, const void* bytes, std::size_t size) {
  auto& data = static_cast<Av1Decoder*>(decoder)->data;
  dav1d_data_unref(&data);
  std::uint8_t* copy = size > 0 ? dav1d_data_create(&data, size) : nullptr;
  if (!copy) return failure("AV1 data is missing");
  std::memcpy(copy, bytes, size);
  return kDone;
}

/// The first decoded frame. Sends all data, then drains the decoder.
bool decode_first(Av1Decoder& decoder, Dav1dPicture& frame) {
  for (bool flushed = false;;) {
    if (decoder.data.sz > 0) {
      const int sent = dav1d_send_data(decoder.context, &decoder.data);
      if (sent < 0 && sent != DAV1D_ERR(EAGAIN)) return false;
    }
    const int got = dav1d_get_picture(decoder.context, &frame);
    if (got != DAV1D_ERR(EAGAIN)) return got == 0;
    if (decoder.data.sz == 0 && std::exchange(flushed, true)) return false;
  }
}

heif_chroma chroma_of(const Dav1dPicture& frame) {
  switch (frame.p.layout) {
    case DAV1D_PIXEL_LAYOUT_I420:
      return heif_chroma_420;
    case DAV1D_PIXEL_LAYOUT_I422:
      return heif_chroma_422;
    case DAV1D_PIXEL_LAYOUT_I444:
      return heif_chroma_444;
    default:
      return heif_chroma_monochrome;
  }
}

void set_colours(const Dav1dSequenceHeader& header, heif_image* image) {
  heif_color_profile_nclx* profile = heif_nclx_color_profile_alloc();
  heif_nclx_color_profile_set_color_primaries(profile, static_cast<std::uint16_t>(header.pri));
  heif_nclx_color_profile_set_transfer_characteristics(profile, static_cast<std::uint16_t>(header.trc));
  heif_nclx_color_profile_set_matrix_coefficients(profile, static_cast<std::uint16_t>(header.mtrx));
  profile->full_range_flag = header.color_range != 0;
  heif_image_set_nclx_color_profile(image, profile);
  heif_nclx_color_profile_free(profile);
}

heif_error copy_plane(const Dav1dPicture& frame, int plane, heif_chroma chroma, heif_image* image) {
  constexpr heif_channel kChannels[] = {heif_channel_Y, heif_channel_Cb, heif_channel_Cr};
  const bool halved_x = plane > 0 && chroma != heif_chroma_444,
             halved_y = plane > 0 && chroma == heif_chroma_420;
  const int width = halved_x ? (frame.p.w + 1) / 2 : frame.p.w;
  const int height = halved_y ? (frame.p.h + 1) / 2 : frame.p.h;
  const heif_error added = heif_image_add_plane(image, kChannels[plane], width, height, frame.p.bpc);
  if (added.code != heif_error_Ok) return added;
  int stride = 0;
  std::uint8_t* to = heif_image_get_plane(image, kChannels[plane], &stride);
  const auto* from = static_cast<const std::uint8_t*>(frame.data[plane]);
  const std::size_t size = static_cast<std::size_t>(width) * (frame.p.bpc > 8 ? 2 : 1);
  for (std::ptrdiff_t y = 0; y < height; ++y)
    std::memcpy(to + y * stride, from + y * frame.stride[plane > 0 ? 1 : 0], size);
  return kDone;
}

heif_error decode(void* decoder, heif_image** result) {
  Av1Frame frame;
  if (!decode_first(*static_cast<Av1Decoder*>(decoder), frame.data)) return failure("AV1 data is damaged");
  const heif_chroma chroma = chroma_of(frame.data);
  const bool is_grey = chroma == heif_chroma_monochrome;
  heif_image* image = nullptr;
  const heif_error made =
      heif_image_create(frame.data.p.w, frame.data.p.h,
                        is_grey ? heif_colorspace_monochrome : heif_colorspace_YCbCr, chroma, &image);
  if (made.code != heif_error_Ok) return made;
  set_colours(*frame.data.seq_hdr, image);
  for (int plane = 0; plane < (is_grey ? 1 : 3); ++plane)
    if (const heif_error copied = copy_plane(frame.data, plane, chroma, image);
        copied.code != heif_error_Ok) {
      heif_image_release(image);
      return copied;
    }
  *result = image;
  return kDone;
}

constexpr heif_decoder_plugin kPlugin{
    .plugin_api_version = 3,
    .get_plugin_name = [] { return "regard's way to dav1d"; },
    .init_plugin = nullptr,
    .deinit_plugin = nullptr,
    .does_support_format =
        [](heif_compression_format format) { return format == heif_compression_AV1 ? kPriority : 0; },
    .new_decoder = new_decoder,
    .free_decoder = [](void* decoder) { delete static_cast<Av1Decoder*>(decoder); },
    .push_data = push_data,
    .decode_image = decode,
    .set_strict_decoding = [](void*, int) {},
    .id_name = "regard_dav1d",
};

}  // namespace

void register_av1_decoder() {
  static std::once_flag once;
  std::call_once(once, [] { heif_register_decoder_plugin(&kPlugin); });
}

}  // namespace regard
