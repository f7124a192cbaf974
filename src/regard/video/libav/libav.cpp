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

std::string av_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

void silence_libav() {
  av_log_set_callback([](void*, int, const char*, va_list) {});
}

}  // namespace regard
