#pragma once

#include <functional>
#include <opencv2/imgproc.hpp>
#include <string>
#include <string_view>

#include "regard/core/image.h"

/// Drawing primitives: anti-aliased shapes and text in RGB images.
namespace regard {

inline constexpr int kFont = cv::FONT_HERSHEY_DUPLEX;
inline constexpr int kSmoothing = 4;  ///< masks are this much larger than what is painted, and averaged

inline const cv::Scalar kBlack(16, 16, 20), kWhite(255, 255, 255);  // red, green, blue

struct Colours {
  cv::Scalar fill, ink;
};

/// The colours of an expression.
Colours colours_of(std::string_view expression);

struct Lettering {
  double scale;
  int thickness;
  int width;  ///< pixels
};

/// How OpenCV writes a text in kFont with capitals `letter` pixels high.
Lettering lettering(const std::string& text, double letter);

/// Lays `colour` over a part of the image where `draw` paints the mask, smoothly.
void paint(cv::Mat& image, const cv::Rect& place, const cv::Scalar& colour,
           const std::function<void(cv::Mat&)>& draw);

/// Fills a mask but for its rounded corners.
void fill_rounded(cv::Mat& mask, double radius);

/// Writes a line of text, `at` the left end of its base line.
void write_text(cv::Mat& image, const std::string& text, cv::Point2d at, double letter,
                const cv::Scalar& colour);

/// A text on a rounded field in an expression's colours, its upper left corner at `at`; returns its place.
cv::Rect write_pill(cv::Mat& image, const std::string& text, cv::Point2d at, double letter,
                    const Colours& colours);

Image image_of(const cv::Mat& pixels);

}  // namespace regard
