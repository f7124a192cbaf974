#pragma once

#include <memory>

#include "regard/core/image.h"
#include "regard/core/pool.h"
#include "regard/server/options.h"
#include "regard/server/request_images.h"

namespace regard {

/// A process that decodes images, one after the other: what `run_decoder` does.
class DecoderProcess;

/// Decodes the images of requests, here or, with ServiceOptions::isolate, in processes of their own, so that
/// an image that makes a decoder fail ends that process only. Thread safe.
class ImageReader {
 public:
  explicit ImageReader(const ServiceOptions& options);
  ~ImageReader();

  /// Throws Error if the image cannot be read, also if that takes too much memory or time.
  Image read(const RequestImage& image) const;

 private:
  ServiceOptions options_;
  mutable Pool<std::unique_ptr<DecoderProcess>> processes_;
};

/// The name of the command by which this program becomes a decoder.
inline constexpr const char* kDecoderCommand = "decode-images";

/// Decodes images from standard input to standard output until the input ends, with no more memory than
/// `max_pixels` needs and some seconds of processor time for each.
void run_decoder(const ServiceOptions& options);

}  // namespace regard
