// For tests/protobuf_test.py: the library's work behind a function of C, so that a process can load it at any
// time.

#include <cstdio>

#include "regard/regard.h"

/// How many faces the library finds, and recognises, in an image; -1 where it fails.
extern "C" int faces_in(const char* image) {
  try {
    return static_cast<int>(regard::Recognizer().recognize(regard::read_image(image)).size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return -1;
  }
}
