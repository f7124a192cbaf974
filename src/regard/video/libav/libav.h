#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <cstring>
#include <memory>
#include <string>

/// FFmpeg's libraries, with owners for their objects.
namespace regard {

/// Calls one of their functions that free what a pointer points to and clear the pointer.
template <auto kFree>
struct AvFreed {
  template <class T>
  void operator()(T* object) const {
    kFree(&object);
  }
};

struct SwsFreed {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};

using AvFormat = std::unique_ptr<AVFormatContext, AvFreed<avformat_close_input>>;
using AvCodec = std::unique_ptr<AVCodecContext, AvFreed<avcodec_free_context>>;
using AvPacket = std::unique_ptr<AVPacket, AvFreed<av_packet_free>>;
using AvFrame = std::unique_ptr<AVFrame, AvFreed<av_frame_free>>;
using Scaler = std::unique_ptr<SwsContext, SwsFreed>;

/// The number in a field of one of their enumerations. Files fill some fields with numbers that no enumerator
/// has, which C++ does not allow to be read as the enumeration.
template <class Enumeration>
int number_in(const Enumeration& field) {
  int number = 0;
  static_assert(sizeof(field) == sizeof(number));
  std::memcpy(&number, &field, sizeof(number));
  return number;
}

AvPacket make_packet();
AvFrame make_frame();
/// A frame with room for pixels.
AvFrame make_picture(int width, int height, AVPixelFormat format);

/// What an error code of FFmpeg means.
std::string av_text(int code);

/// FFmpeg's libraries no longer print.
void silence_libav();

}  // namespace regard
