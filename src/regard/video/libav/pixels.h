#pragma once

#include "regard/core/image.h"
#include "regard/video/libav/libav.h"

namespace regard {

/// The EXIF orientation (1 to 8) that a display matrix stands for; angles between quarters are rounded.
/// Null: 1.
int orientation_of(const std::int32_t* matrix);

/// Whether frames so many lines high have the colours of BT.709, unless they say so themselves; else BT.601.
bool is_high_definition(int height);

/// For sws_setColorspaceDetails: brightness, contrast and saturation in 16.16.
inline constexpr int kSameColours = 1 << 16;

/// Turns decoded frames into upright RGB of one size.
class PixelConverter {
 public:
  /// `width`, `height`: of the result before it is turned.
  PixelConverter(int width, int height, int orientation)
      : width_(width), height_(height), orientation_(orientation) {}

  /// 8 bits, whatever the frame has, with the frame's matrix and range of colours; where it does not state
  /// the matrix, BT.709 from 720 lines on and BT.601 below, as players do. Throws Error for a format of
  /// pixels that cannot be converted.
  Image convert(const AVFrame& frame);

 private:
  void prepare(const AVFrame& frame);

  int width_, height_, orientation_;
  Scaler scaler_;
  AvFrame rgb_;
};

}  // namespace regard
