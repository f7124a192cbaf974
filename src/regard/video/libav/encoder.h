#pragma once

#include <cstdint>
#include <string>

#include "regard/core/image.h"
#include "regard/video/libav/libav.h"

namespace regard {

/// RGB images to H.264 (libx264), as browsers and telephones play it: 8 bits, 4:2:0.
class FrameEncoder {
 public:
  /// Of an odd size the last column or row is left out. `rate`: frames a second, about; 0: not known. `where`
  /// names the file in messages. Throws Error without an encoder, and for images that it does not take.
  FrameEncoder(int width, int height, double rate, const std::string& where);

  /// An image that is shown from `seconds` on.
  void send(ImageView image, double seconds);
  /// There are no more images.
  void end();
  /// The next packet; false if there is none yet, or no more.
  bool receive(AVPacket& packet);

  const AVCodecContext& context() const { return *codec_; }

 private:
  void open(double rate);
  void convert(ImageView image);

  std::string where_;
  AvCodec codec_;
  Scaler scaler_;
  AvFrame rgb_, yuv_;
  std::int64_t last_ = -1;
};

}  // namespace regard
