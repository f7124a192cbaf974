#include "regard/video/libav/libav.h"

#include <array>

#include "regard/core/error.h"

namespace regard {
namespace {

template <class Owner>
Owner checked(Owner object) {
  if (!object) throw Error("out of memory", "video");
  return object;
}

}  // namespace

AvPacket make_packet() {
  return checked(AvPacket(av_packet_alloc()));
}

AvFrame make_frame() {
  return checked(AvFrame(av_frame_alloc()));
}

AvFrame make_picture(int width, int height, AVPixelFormat format) {
  AvFrame frame = make_frame();
  frame->width = width, frame->height = height, frame->format = format;
  // With room at the end of rows: swscale writes whole blocks of pixels.
  if (av_frame_get_buffer(frame.get(), 64) < 0) throw Error("out of memory", "video");
  return frame;
}

std::string av_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

void silence_libav() {
  av_log_set_callback([](void*, int, const char*, va_list) {});
}

}  // namespace regard
