#pragma once

#include <string>
#include <vector>

namespace regard {

/// What a RecognitionService does for its clients.
struct ServiceOptions {
  int jobs = 0;
  int queue = 0;
  int max_images = 16;
  int max_pixels = 50'000'000;
  std::vector<std::string> formats = {"JPEG", "PNG", "WebP"};
  bool isolate = false;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("jobs", jobs, "requests that are worked on at the same time; 0: one per core");
    visit("queue", queue,
          "requests that wait for that; further ones are answered with 503; 0: as many as jobs, so that "
          "none waits much longer than it takes");
    visit("max_images", max_images, "images in one request");
    visit("max_pixels", max_pixels, "pixels of an image; it is checked before decoding");
    visit(
        "formats", formats,
        "image formats that are read: JPEG, PNG, WebP, TIFF, AVIF, HEIC, GIF, BMP (default: JPEG,PNG,WebP)");
    visit("isolate", isolate,
          "decode images in processes of their own, with limits on memory and processor time");
  }
};

}  // namespace regard
