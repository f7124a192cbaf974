#include "regard/output/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace regard {

Colours colours_of(std::string_view expression) {
  struct Entry {
    std::string_view name;
    Colours colours;
  };
  static const std::array<Entry, 8> kTable = {{{"neutral", {{214, 219, 226}, kBlack}},
                                               {"happiness", {{255, 205, 56}, kBlack}},
                                               {"surprise", {{255, 145, 40}, kBlack}},
                                               {"sadness", {{42, 111, 219}, kWhite}},
                                               {"anger", {{214, 40, 57}, kWhite}},
                                               {"disgust", {{36, 130, 66}, kWhite}},
                                               {"fear", {{126, 68, 196}, kWhite}},
                                               {"contempt", {{140, 84, 48}, kWhite}}}};
  for (const auto& [name, colours] : kTable)
    if (name == expression) return colours;
  return {{0, 140, 150}, kWhite};
}

Lettering lettering(const std::string& text, double letter) {
  const double scale = letter / 21;  // Hershey's capitals are 21 units high
  const int thickness = std::max(1, static_cast<int>(std::lround(letter * 0.11)));
  int below = 0;
  return {scale, thickness, cv::getTextSize(text, kFont, scale, thickness, &below).width};
}

void paint(cv::Mat& image, const cv::Rect& place, const cv::Scalar& colour,
           const std::function<void(cv::Mat&)>& draw) {
  const cv::Rect seen = place & cv::Rect({0, 0}, image.size());
  if (seen.empty()) return;
  cv::Mat large = cv::Mat::zeros(place.size() * kSmoothing, CV_8U), mask;
  draw(large);
  cv::resize(large, mask, place.size(), 0, 0, cv::INTER_AREA);
  for (int y = seen.y; y < seen.br().y; ++y)
    for (int x = seen.x; x < seen.br().x; ++x) {
      const int share = mask.at<std::uint8_t>(y - place.y, x - place.x);
      auto& pixel = image.at<cv::Vec3b>(y, x);
      for (int c = 0; c < 3; ++c)
        pixel[c] = static_cast<std::uint8_t>((pixel[c] * (255 - share) + colour[c] * share) / 255);
    }
}

void fill_rounded(cv::Mat& mask, double radius) {
  const int r = static_cast<int>(radius);
  const int w = mask.cols, h = mask.rows;
  cv::rectangle(mask, cv::Rect(r, 0, w - 2 * r, h), 255, cv::FILLED);
  cv::rectangle(mask, cv::Rect(0, r, w, h - 2 * r), 255, cv::FILLED);
  for (const int x : {r, w - 1 - r})
    for (const int y : {r, h - 1 - r}) cv::circle(mask, {x, y}, r, 255, cv::FILLED);
}

void write_text(cv::Mat& image, const std::string& text, cv::Point2d at, double letter,
                const cv::Scalar& colour) {
  const auto room = static_cast<int>(std::ceil(letter));
  const cv::Rect place(static_cast<int>(std::floor(at.x)), static_cast<int>(std::floor(at.y)) - 2 * room,
                       lettering(text, letter).width + room, 3 * room);
  paint(image, place, colour, [&](cv::Mat& mask) {
    const auto letters = lettering(text, letter * kSmoothing);
    cv::putText(mask, text, cv::Point(0, 2 * room * kSmoothing), kFont, letters.scale, 255, letters.thickness,
                cv::LINE_AA);
  });
}

cv::Rect write_pill(cv::Mat& image, const std::string& text, cv::Point2d at, double letter,
                    const Colours& colours) {
  const cv::Rect place(static_cast<int>(std::lround(at.x)), static_cast<int>(std::lround(at.y)),
                       static_cast<int>(std::lround(lettering(text, letter).width + 1.2 * letter)),
                       static_cast<int>(std::lround(2.1 * letter)));
  paint(image, place, colours.fill, [&](cv::Mat& mask) { fill_rounded(mask, .4 * letter * kSmoothing); });
  write_text(image, text, {place.x + .6 * letter, place.y + 1.53 * letter}, letter, colours.ink);
  return place;
}

Image image_of(const cv::Mat& pixels) {
  Image image(pixels.cols, pixels.rows);
  for (int y = 0; y < pixels.rows; ++y) std::copy_n(pixels.ptr(y), pixels.cols * 3, image.row(y));
  return image;
}

}  // namespace regard
