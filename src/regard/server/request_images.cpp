#include "regard/server/request_images.h"

#include <algorithm>
#include <span>

#include "regard/core/table.h"
#include "regard/core/text.h"
#include "regard/http/multipart.h"
#include "regard/image/codec.h"

namespace regard {
namespace {

constexpr const char* kUnnamed = "image";

std::span<const std::byte> bytes_of(const RequestImage& image) {
  return std::as_bytes(std::span(image.bytes.data(), image.bytes.size()));
}

/// Throws Error if it is none of the formats that are read.
const ImageCodec& codec_of(const RequestImage& image, const ServiceOptions& options) {
  const auto& codec = find_codec(bytes_of(image), image.name);
  const std::string format(codec.name);
  if (std::find(options.formats.begin(), options.formats.end(), format) == options.formats.end())
    throw Error("image is of a format that this server does not read", image.name, join(options.formats),
                format);
  return codec;
}

}  // namespace

std::vector<RequestImage> images_of(const HttpRequest& request, const ServiceOptions& options) {
  std::vector<RequestImage> images;
  const auto type = request.field("Content-Type");
  if (media_type(type) != "multipart/form-data") {
    images.push_back({request.asked("file").value_or(kUnnamed), request.body});
  } else {
    for (auto& part : parse_form(request.body, type, static_cast<std::size_t>(options.max_images)))
      images.push_back({part.file.empty() ? std::move(part.name) : std::move(part.file), part.bytes});
  }
  if (images.empty()) throw Error("has no image", "request");
  return images;
}

void check_format_names(const std::vector<std::string>& formats) {
  for (const auto& format : formats) find_row(image_codecs(), format, "image format");
}

void check_format(const RequestImage& image, const ServiceOptions& options) {
  codec_of(image, options);
}

Image decode_here(const RequestImage& image, const ServiceOptions& options) {
  const auto& codec = codec_of(image, options);
  const PixelLimit limit(options.max_pixels);
  return codec.decode(bytes_of(image), image.name);
}

}  // namespace regard
