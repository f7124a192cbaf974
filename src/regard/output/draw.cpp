#include "regard/output/draw.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "regard/image/opencv.h"
#include "regard/output/canvas.h"

namespace regard {

namespace {

constexpr int kLeastSide = 400;

// The text at a face, on one line or two.
struct Label {
  std::string expression, certainty;
  Colours colours;
  cv::Rect2d face;
  double letter = 0;  // height of a capital letter
  bool two_lines = false;
  cv::Rect place;

  std::vector<std::string> lines() const {
    if (two_lines) return {expression, certainty};
    return {expression + " " + certainty};
  }
};

// Letter height: proportional to the face, within the range that is legible in an image of this size.
double letter_height(const cv::Rect2d& face, const cv::Size& image) {
  const double least = std::max(10.0, 0.0095 * std::max(image.width, image.height));
  const double most = std::max(least, 0.034 * std::min(image.width, image.height));
  return std::clamp(0.085 * face.height, least, most);
}

constexpr double kLineHeight = 1.65;  // in letters

cv::Size label_size(const Label& label) {
  const auto lines = label.lines();
  int width = 0;
  for (const auto& line : lines) width = std::max(width, lettering(line, label.letter).width);
  return {static_cast<int>(width + 1.2 * label.letter),
          static_cast<int>(std::lround((kLineHeight * lines.size() + 0.45) * label.letter))};
}

void draw_label(cv::Mat& image, const Label& label) {
  const double letter = label.letter * kSmoothing;
  paint(image, label.place, label.colours.fill, [&](cv::Mat& mask) { fill_rounded(mask, 0.4 * letter); });
  paint(image, label.place, label.colours.ink, [&](cv::Mat& mask) {
    double base = 1.53 * letter;
    for (const auto& line : label.lines()) {
      const auto letters = lettering(line, letter);
      const cv::Point at((mask.cols - letters.width) / 2, static_cast<int>(base));
      cv::putText(mask, line, at, kFont, letters.scale, 255, letters.thickness, cv::LINE_AA);
      base += kLineHeight * letter;
    }
  });
}

void outline(cv::Mat& image, const cv::Rect2d& box, const cv::Scalar& colour, int thickness) {
  const double r = std::min({box.width, box.height}) * 0.08;
  constexpr int kShift = 4;  // sixteenths of a pixel
  const auto at = [](double x, double y) {
    return cv::Point(static_cast<int>(std::lround(x * 16)), static_cast<int>(std::lround(y * 16)));
  };
  const double x0 = box.x, y0 = box.y, x1 = box.x + box.width, y1 = box.y + box.height;
  const auto line = [&](cv::Point a, cv::Point b) {
    cv::line(image, a, b, colour, thickness, cv::LINE_AA, kShift);
  };
  const auto corner = [&](double x, double y, double angle) {
    cv::ellipse(image, at(x, y), at(r, r), angle, 0, 90, colour, thickness, cv::LINE_AA, kShift);
  };
  line(at(x0 + r, y0), at(x1 - r, y0));
  line(at(x0 + r, y1), at(x1 - r, y1));
  line(at(x0, y0 + r), at(x0, y1 - r));
  line(at(x1, y0 + r), at(x1, y1 - r));
  corner(x0 + r, y0 + r, 180);
  corner(x1 - r, y0 + r, 270);
  corner(x1 - r, y1 - r, 0);
  corner(x0 + r, y1 - r, 90);
}

void draw_box(cv::Mat& image, const Label& label) {
  const int thickness = std::max(2, static_cast<int>(std::lround(label.letter * 0.22)));
  outline(image, label.face, kBlack, thickness + std::max(2, thickness / 2));
  outline(image, label.face, label.colours.fill, thickness);
}

// Positions around a face, best first: above, below, beside, and inside as a last resort.
std::vector<cv::Point2d> places_around(const cv::Rect2d& face, const cv::Size& label, double gap) {
  const double left = face.x, right = face.x + face.width - label.width;
  const double middle = face.x + (face.width - label.width) / 2;
  const double above = face.y - label.height - gap, below = face.y + face.height + gap;
  const double before = face.x - label.width - gap, after = face.x + face.width + gap;
  const double inside_top = face.y + gap, inside_bottom = face.y + face.height - label.height - gap;
  return {{left, above},          {middle, above},         {right, above},          {left, below},
          {middle, below},        {right, below},          {after, face.y},         {before, face.y},
          {after, inside_bottom}, {before, inside_bottom}, {middle, inside_bottom}, {middle, inside_top}};
}

cv::Rect kept_inside(const cv::Point2d& corner, const cv::Size& size, const cv::Size& image) {
  const auto within = [](double value, int most) {
    return std::clamp(static_cast<int>(std::lround(value)), 0, std::max(0, most));
  };
  return {within(corner.x, image.width - size.width), within(corner.y, image.height - size.height),
          size.width, size.height};
}

double overlap(const cv::Rect2d& area, const cv::Rect2d& other) {
  return (area & other).area() / std::max(1.0, std::min(area.area(), other.area()));
}

// Cost of what a label there would hide: other labels cost most, then faces.
double hidden(const cv::Rect2d& area, const Label& label, const std::vector<Label>& others,
              std::size_t placed) {
  double cost = 0;
  for (std::size_t i = 0; i < others.size(); ++i) {
    cost += (&others[i] == &label ? 2 : 3) * overlap(area, others[i].face);
    if (i < placed) cost += 8 * overlap(area, others[i].place);
  }
  return cost;
}

// Variants of a label, best first: smaller, or on two lines, if there is no room.
std::vector<Label> forms_of(const Label& label) {
  constexpr double kLeastLetter = 6.5;
  std::vector<Label> forms;
  for (const double scale : {1.0, 0.8, 0.64, 0.5})
    for (const bool two_lines : {false, true}) {
      forms.push_back(label);
      forms.back().letter = std::max(label.letter * scale, kLeastLetter);
      forms.back().two_lines = two_lines;
    }
  return forms;
}

// Chooses the variant and position of a label that hide least.
void place_label(std::size_t index, std::vector<Label>& labels, const cv::Size& image) {
  Label best;
  double least = INFINITY, form_cost = 0;
  for (auto& form : forms_of(labels[index])) {
    const auto size = label_size(form);
    double cost = form_cost;
    for (const auto& corner : places_around(form.face, size, 0.35 * form.letter)) {
      form.place = kept_inside(corner, size, image);
      const double whole = cost + hidden(form.place, labels[index], labels, index);
      if (whole < least) least = whole, best = form;
      cost += 0.01;
    }
    form_cost += 0.12;
  }
  labels[index] = best;
}

cv::Mat enlarged(ImageView image) {
  const cv::Mat source = mat_of(image);
  cv::Mat canvas;
  if (image.channels == 3)
    source.copyTo(canvas);
  else
    cv::cvtColor(source, canvas, cv::COLOR_GRAY2RGB);
  const int side = std::min(image.width, image.height);
  const int factor =
      std::min((kLeastSide + side - 1) / side, std::max(1, 4096 / std::max(image.width, image.height)));
  if (factor > 1) cv::resize(canvas, canvas, {}, factor, factor, cv::INTER_CUBIC);
  return canvas;
}

std::vector<Label> labels_for(std::span<const Face> faces, std::span<const std::string> who, double scale,
                              const cv::Size& image) {
  std::vector<Label> labels;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto& face = faces[i];
    const cv::Rect2d box(face.box.x * scale, face.box.y * scale, face.box.width * scale,
                         face.box.height * scale);
    const int percent = std::min(99, static_cast<int>(std::lround(100 * face.probability())));
    labels.push_back({who[i].empty() ? face.expression : who[i] + " " + face.expression,
                      std::to_string(percent) + "%",
                      colours_of(face.expression),
                      box,
                      letter_height(box, image),
                      false,
                      {}});
  }
  std::sort(labels.begin(), labels.end(),
            [](const Label& a, const Label& b) { return a.face.area() > b.face.area(); });
  for (std::size_t i = 0; i < labels.size(); ++i) place_label(i, labels, image);
  return labels;
}

}  // namespace

Image draw_faces(ImageView image, std::span<const Face> faces) {
  return draw_people(image, faces, std::vector<std::string>(faces.size()));
}

Image draw_people(ImageView image, std::span<const Face> faces, std::span<const std::string> who) {
  cv::Mat canvas = enlarged(image);
  const auto labels = labels_for(faces, who, static_cast<double>(canvas.cols) / image.width, canvas.size());
  for (const auto& label : labels) draw_box(canvas, label);
  for (const auto& label : labels) draw_label(canvas, label);
  return image_of(canvas);
}

}  // namespace regard
