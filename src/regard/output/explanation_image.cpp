#include "regard/output/explanation_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>

#include "regard/face/alignment.h"
#include "regard/image/opencv.h"
#include "regard/output/canvas.h"

namespace regard {

namespace {

// In pixels. A panel is the face at the left and the rows at the right, between title and legend.
constexpr int kWidth = 1460, kEdge = 40, kTitle = 104, kFoot = 60;
constexpr int kFace = 560;                          // side of the square that shows the face
constexpr double kAround = .14;                     // margin around the chip, as a fraction of its side
constexpr int kRows = kEdge + kFace + 50;           // where rows begin
constexpr int kBars = 330;                          // length of the longest bar
constexpr int kPredictions = kWidth - kEdge - 220;  // where the predictions without a region begin
constexpr int kHeadings = 30;                       // height of what stands above the rows
constexpr double kText = 13, kSmallText = 11, kTinyText = 9;  // height of capitals

const cv::Scalar kPaper(250, 250, 248), kInk(38, 42, 50), kPale(120, 126, 136), kTrack(226, 228, 231);

// The colour-blind-safe palette of Okabe and Ito; the whole face is grey.
const std::array<cv::Scalar, 8> kRegionColours{{{92, 98, 110},
                                                {230, 140, 0},
                                                {40, 150, 225},
                                                {0, 158, 115},
                                                {204, 80, 150},
                                                {214, 70, 20},
                                                {0, 90, 178},
                                                {190, 170, 20}}};

std::string formatted(const char* format, auto... values) {
  std::string text(std::snprintf(nullptr, 0, format, values...), '\0');
  std::snprintf(text.data(), text.size() + 1, format, values...);
  return text;
}

// Never 100 %: nothing is certain.
int percent(float probability) {
  return std::min(99, static_cast<int>(std::lround(100 * probability)));
}

// A view as it is drawn: beside its numbers, its colour and its place in the square of the face.
struct Row {
  const ExplainedView& view;
  cv::Scalar colour;
  cv::Rect2d place;
  double strength = 0;  // 0 to 1, relative to the others
};

class Panel {
 public:
  Panel(ImageView image, const Explanation& explained, const Explainer& explainer, std::string note)
      : explained_(explained),
        explainer_(explainer),
        by_attention_(explainer.weighs_views()),
        note_(std::move(note)),
        canvas_(kTitle + kFace + kFoot, kWidth, CV_8UC3, kPaper) {
    const auto chip = wide_chip();
    face_ = cut_chip(image, explained.face.landmarks, chip);
    const Affine to_face = inverse(chip_to_image(explained.face.landmarks, chip));
    for (const auto& view : explained.views) {
      const Point low = to_face(view.corners[0]), high = to_face(view.corners[2]);
      const bool whole = by_attention_ && rows_.empty();
      const auto colour = whole ? kRegionColours[0] : kRegionColours[1 + (rows_.size() - by_attention_) % 7];
      rows_.push_back({view, colour, cv::Rect2d(cv::Point2d(low.x, low.y), cv::Point2d(high.x, high.y)),
                       by_attention_ ? view.weight : lost(view)});
    }
    scale_strengths();
  }

  cv::Mat draw() {
    draw_title();
    draw_face();
    draw_headings();
    for (std::size_t i = 0; i < rows_.size(); ++i) draw_row(i);
    draw_foot();
    return canvas_;
  }

 private:
  // The chip with something around it.
  ChipOptions wide_chip() const {
    auto chip = explainer_.recognizer().model().chip();
    chip.size = kFace;
    for (auto& place : chip.landmarks) place = static_cast<float>((place + kAround) / (1 + 2 * kAround));
    return chip;
  }

  std::size_t answer_row() const {
    const auto& p = explained_.face.probabilities;
    return static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
  }

  // The loss of certainty without the view.
  float lost(const ExplainedView& view) const {
    const std::size_t answer = answer_row();
    return explained_.face.probabilities[answer] - view.without[answer];
  }

  void scale_strengths() {
    double most = by_attention_ ? 1e-6 : .02;  // below two points nothing is lost
    for (const auto& row : rows_) most = std::max(most, std::abs(row.strength));
    for (auto& row : rows_) row.strength /= most;
  }

  void draw_title() {
    const auto& face = explained_.face;
    const auto pill = write_pill(canvas_, face.expression + formatted(" %d %%", percent(face.probability())),
                                 {kEdge, 34}, 21, colours_of(face.expression));
    write_text(canvas_, note_, {pill.br().x + 24., pill.y + 30.}, kText, kPale);
  }

  void draw_face() {
    const cv::Rect square(kEdge, kTitle, kFace, kFace);
    mat_of(face_).copyTo(canvas_(square));
    std::vector<std::size_t> order(rows_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t row) { return rows_[row].strength; });
    for (const std::size_t row : order) {
      const double count = std::clamp(rows_[row].strength, 0., 1.);
      outline(apart(row), square, rows_[row].colour, 2 + 5 * count, .35 + .65 * count);
    }
  }

  // The row's place with each side moved inwards where rows before have it, too: they would hide each other.
  cv::Rect2d apart(std::size_t index) const {
    constexpr double kSame = 4, kStep = 8;
    const auto sides = [](const cv::Rect2d& r) {
      return std::array{r.x, r.y, -r.br().x, -r.br().y};  // all grow inwards
    };
    const auto own = sides(rows_[index].place);
    auto moved = own;
    for (std::size_t before = 0; before < index; ++before)
      for (std::size_t side = 0; side < 4; ++side)
        if (std::abs(sides(rows_[before].place)[side] - own[side]) < kSame) moved[side] += kStep;
    return {cv::Point2d(moved[0], moved[1]), cv::Point2d(-moved[2], -moved[3])};
  }

  // A frame within `square`, with a thin white edge that sets it off from the image.
  void outline(const cv::Rect2d& place, const cv::Rect& square, const cv::Scalar& colour, double width,
               double opacity) {
    cv::Mat part = canvas_(square);
    for (const bool edge : {true, false}) {
      const double line = (edge ? width + 3 : width) * kSmoothing;
      paint(part, {0, 0, square.width, square.height}, edge ? kWhite : colour, [&](cv::Mat& mask) {
        const cv::Rect2d large(place.x * kSmoothing, place.y * kSmoothing, place.width * kSmoothing,
                               place.height * kSmoothing);
        cv::rectangle(mask, large, cv::Scalar(255 * opacity * (edge ? .6 : 1)), std::lround(line));
      });
    }
  }

  void draw_headings() {
    const double y = kTitle + 14;
    const std::string change = "change in certainty, in points";
    write_text(canvas_, by_attention_ ? "weight in the prediction" : change, {bars(), y}, kSmallText, kPale);
    write_text(canvas_, by_attention_ ? "prediction without it" : "prediction when occluded",
               {kPredictions, y}, kSmallText, kPale);
  }

  double row_height() const {
    return std::min(96., static_cast<double>(kFace - kHeadings) / static_cast<double>(rows_.size()));
  }
  int map_side() const { return static_cast<int>(row_height()) - 10; }
  double bars() const { return kRows + map_side() + 16; }

  void draw_row(std::size_t index) {
    const Row& row = rows_[index];
    const double top = kTitle + kHeadings + static_cast<double>(index) * row_height();
    const double middle = top + map_side() / 2.;
    draw_map(row, {kRows, static_cast<int>(top), map_side(), map_side()});
    write_text(canvas_, row.view.name, {bars(), middle - 14}, kText, kInk);
    draw_bar({bars(), middle - 6, kBars, 14}, row.strength, row.colour);
    const auto number = by_attention_ ? formatted("%.0f %%", 100 * row.view.weight)
                                      : formatted("%+.0f", -100 * lost(row.view));
    write_text(canvas_, number, {numbers(), middle + 8}, kText, kInk);
    draw_attention("self", row.view.self_attention, &FaceView::self_attention, middle + 15);
    draw_attention("relation", row.view.relation_attention, &FaceView::relation_attention, middle + 29);
    draw_answer(row.view, middle);
  }

  double numbers() const { return bars() + kBars + 14; }

  // A thin bar beside those of the other regions, where the network has this attention.
  void draw_attention(const char* name, std::optional<float> value, std::optional<float> FaceView::*which,
                      double y) {
    if (!value) return;
    double most = 1e-6;
    for (const auto& row : rows_) most = std::max<double>(most, (row.view.*which).value_or(0));
    draw_bar({bars(), y, kBars, 5}, *value / most, kPale);
    write_text(canvas_, formatted("%.2f %s", *value, name), {numbers(), y + 7}, kTinyText, kPale);
  }

  // The face, small, with the region bright and the rest dark, or with the region occluded.
  void draw_map(const Row& row, const cv::Rect& place) {
    const double shrink = static_cast<double>(place.width) / kFace;
    cv::Mat small;
    cv::resize(mat_of(face_), small, place.size(), 0, 0, cv::INTER_AREA);
    const cv::Rect part = cv::Rect(cv::Rect2d(row.place.x * shrink, row.place.y * shrink,
                                              row.place.width * shrink, row.place.height * shrink)) &
                          cv::Rect({0, 0}, place.size());
    cv::Mat shown = small.clone();
    if (by_attention_) {
      shown = shown * .3;
      small(part).copyTo(shown(part));
    } else {
      shown(part).setTo(cv::mean(small(part)));
    }
    cv::rectangle(shown, part, row.colour, 2);
    shown.copyTo(canvas_(place));
  }

  // Negative `share`: the bar goes the other way, drawn pale.
  void draw_bar(const cv::Rect2d& track, double share, const cv::Scalar& colour) {
    fill(track, kTrack);
    const double length = track.width * std::clamp(std::abs(share), 0., 1.);
    if (length >= 1)
      fill({track.x, track.y, std::max(length, track.height), track.height},
           share > 0 ? colour : cv::Scalar(kPale));
  }

  void fill(const cv::Rect2d& place, const cv::Scalar& colour) {
    paint(canvas_, cv::Rect(place), colour,
          [&](cv::Mat& mask) { fill_rounded(mask, .5 * kSmoothing * std::floor(place.height)); });
  }

  void draw_answer(const ExplainedView& view, double middle) {
    const auto top = std::max_element(view.without.begin(), view.without.end());
    const auto& label =
        explainer_.recognizer().labels()[static_cast<std::size_t>(top - view.without.begin())];
    const bool same = label == explained_.face.expression;
    const std::string text = label + formatted(" %d %%", percent(*top));
    const Colours plain{kPaper, kInk};
    write_pill(canvas_, text, {same ? kPredictions - .6 * kText : kPredictions, middle - kText}, kText,
               same ? plain : colours_of(label));
  }

  void draw_foot() { write_text(canvas_, legend(), {kEdge, kTitle + kFace + 34.}, kSmallText, kPale); }

  std::string legend() const {
    if (!by_attention_)
      return "This model has no attention: each part of the face was occluded in turn, and the model ran "
             "again.";
    std::string text = "Thick bar: weight of the region in the prediction.";
    const auto& first = explained_.views.front();
    if (first.self_attention) text += "  Self-attention: from the region alone.";
    if (first.relation_attention) text += "  Relation-attention: with the global feature.";
    return text;
  }

  const Explanation& explained_;
  const Explainer& explainer_;
  bool by_attention_;
  std::string note_;
  cv::Mat canvas_;
  Image face_;
  std::vector<Row> rows_;
};

}  // namespace

Image draw_explanations(ImageView image, std::span<const Explanation> explanations,
                        const Explainer& explainer) {
  const std::string& model = explainer.recognizer().model().name;
  cv::Mat all;
  for (std::size_t i = 0; i < explanations.size(); ++i) {
    std::string note = "says " + model;
    if (explanations.size() > 1) note += formatted("; face %zu of %zu", i + 1, explanations.size());
    all.push_back(Panel(image, explanations[i], explainer, std::move(note)).draw());
  }
  return image_of(all);
}

}  // namespace regard
