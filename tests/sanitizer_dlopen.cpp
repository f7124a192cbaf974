// For programs built with sanitizers. oneTBB, on which OpenVINO and OpenCV run, loads a part of itself with
// RTLD_DEEPBIND, at which AddressSanitizer ends the program; here the flag is taken away.

#include <dlfcn.h>

extern "C" void* dlopen(const char* path, int flags) noexcept {
  using Dlopen = void* (*)(const char*, int);
  static const auto kNext = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  return kNext(path, flags & ~RTLD_DEEPBIND);
}
