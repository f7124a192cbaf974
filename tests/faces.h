#pragma once

#include <array>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/image.h"
#include "regard/image/decode.h"

/// Images made of the two sample photographs, for tests.
namespace regard::test {

enum Person { kAstronaut, kHopper };

struct Photograph {
  Image image;
  Box face;  // as measured by eye, forehead to chin
};

inline const Photograph& photograph(Person person) {
  static const std::array<Photograph, 2> kAll{
      Photograph{read_image(REGARD_SOURCE_DIR "/samples/astronaut.png"), {182, 62, 87, 111}},
      Photograph{read_image(REGARD_SOURCE_DIR "/samples/grace_hopper.jpg"), {182, 120, 171, 212}}};
  return kAll[person];
}

inline cv::Mat wrap(Image& image) {
  return cv::Mat(image.height, image.width, CV_8UC(image.channels), image.pixels.data());
}

/// The head, its face `width` pixels wide, turned by `degrees`, in a square `room` times as high as the face.
inline Image head(Person person, double width, double degrees = 0, double room = 1.8) {
  Image source = photograph(person).image;
  const Box& face = photograph(person).face;
  const double factor = width / face.width;
  const int side = std::max(1, cvRound(face.height * factor * room));
  // As many samples a pixel as a clean reduction wants.
  const int samples = std::max(1, cvCeil(1 / factor));
  cv::Mat turn =
      cv::getRotationMatrix2D({face.x + face.width / 2, face.y + face.height / 2}, degrees, factor * samples);
  turn.at<double>(0, 2) += side * samples / 2. - (face.x + face.width / 2);
  turn.at<double>(1, 2) += side * samples / 2. - (face.y + face.height / 2);
  cv::Mat large;
  cv::warpAffine(wrap(source), large, turn, cv::Size(side * samples, side * samples), cv::INTER_CUBIC,
                 cv::BORDER_REPLICATE);
  Image result(side, side);
  cv::Mat pixels = wrap(result);
  cv::resize(large, pixels, pixels.size(), 0, 0, cv::INTER_AREA);
  return result;
}

inline Image canvas(int width, int height) {
  Image result(width, height);
  std::fill(result.pixels.begin(), result.pixels.end(), 128);
  return result;
}

/// Puts `part` onto `canvas` with its centre at x, y.
inline void paste(Image& canvas, Image part, int x, int y) {
  wrap(part).copyTo(wrap(canvas)(cv::Rect(x - part.width / 2, y - part.height / 2, part.width, part.height)));
}

inline Image to_grey(Image image) {
  Image grey(image.width, image.height, 1);
  cv::Mat pixels = wrap(grey);
  cv::cvtColor(wrap(image), pixels, cv::COLOR_RGB2GRAY);
  return grey;
}

}  // namespace regard::test
