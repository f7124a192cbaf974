// For tests/protobuf_test.py: the library behind a C function, so that a process can load it at any time.

#include <cstdio>

#include "regard/regard.h"

/// The number of faces that the library recognises in an image; -1 on failure.
extern "C" int faces_in(const char* image) {
  try {
    return static_cast<int>(regard::Recognizer().recognize(regard::read_image(image)).size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return -1;
  }
}
