#include "regard/output/explanation_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

#include "regard/core/text.h"
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

// What certainty of the prediction goes with the view.
float lost(const Face& face, const ExplainedView& view) {
  const auto& p = face.probabilities;
  const auto best = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
  return p[best] - view.without[best];
}

// The chip with something around it.
ChipOptions wide_chip(ChipOptions chip) {
  chip.size = kFace;
  for (auto& place : chip.landmarks) place = static_cast<float>((place + kAround) / (1 + 2 * kAround));
  return chip;
}

std::vector<Row> rows_of(const Explanation& explained, const Affine& to_face, bool by_attention) {
  std::vector<Row> rows;
  double most = by_attention ? 1e-6 : .02;  // below two points nothing is lost
  for (const auto& view : explained.views) {
    const Point low = to_face(view.corners[0]), high = to_face(view.corners[2]);
    const bool whole = by_attention && rows.empty();
    const auto colour = whole ? kRegionColours[0] : kRegionColours[1 + (rows.size() - by_attention) % 7];
    rows.push_back({view, colour, cv::Rect2d(cv::Point2d(low.x, low.y), cv::Point2d(high.x, high.y)),
                    by_attention ? view.weight : lost(explained.face, view)});
    most = std::max(most, std::abs(rows.back().strength));
  }
  for (auto& row : rows) row.strength /= most;
  return rows;
}

// A row's place with each side moved inwards where rows before have it, too: they would hide each other.
cv::Rect2d apart(const std::vector<Row>& rows, std::size_t index) {
  constexpr double kSame = 4, kStep = 8;
  const auto sides = [](const cv::Rect2d& r) {
    return std::array{r.x, r.y, -r.br().x, -r.br().y};  // all grow inwards
  };
  const auto own = sides(rows[index].place);
  auto moved = own;
  for (std::size_t before = 0; before < index; ++before)
    for (std::size_t side = 0; side < 4; ++side)
      if (std::abs(sides(rows[before].place)[side] - own[side]) < kSame) moved[side] += kStep;
  return {cv::Point2d(moved[0], moved[1]), cv::Point2d(-moved[2], -moved[3])};
}

// A frame within the square, with a thin white edge that sets it off from the image.
void outline(cv::Mat square, const cv::Rect2d& place, const cv::Scalar& colour, double width,
             double opacity) {
  for (const bool edge : {true, false}) {
    const double line = (edge ? width + 3 : width) * kSmoothing;
    paint(square, {0, 0, square.cols, square.rows}, edge ? kWhite : colour, [&](cv::Mat& mask) {
      const cv::Rect2d large(place.x * kSmoothing, place.y * kSmoothing, place.width * kSmoothing,
                             place.height * kSmoothing);
      cv::rectangle(mask, large, cv::Scalar(255 * opacity * (edge ? .6 : 1)), std::lround(line));
    });
  }
}

// The face with the rows' regions, those that count most on top.
void draw_face(cv::Mat square, const Image& face, const std::vector<Row>& rows) {
  mat_of(face).copyTo(square);
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t row) { return rows[row].strength; });
  for (const std::size_t row : order) {
    const double count = std::clamp(rows[row].strength, 0., 1.);
    outline(square, apart(rows, row), rows[row].colour, 2 + 5 * count, .35 + .65 * count);
  }
}

// The face, small, with the region bright and the rest dark, or with the region occluded.
void draw_map(cv::Mat canvas, const Image& face, const Row& row, bool by_attention) {
  const double shrink = static_cast<double>(canvas.cols) / kFace;
  cv::Mat small;
  cv::resize(mat_of(face), small, canvas.size(), 0, 0, cv::INTER_AREA);
  const cv::Rect part = cv::Rect(cv::Rect2d(row.place.x * shrink, row.place.y * shrink,
                                            row.place.width * shrink, row.place.height * shrink)) &
                        cv::Rect({0, 0}, canvas.size());
  cv::Mat shown = small.clone();
  if (by_attention) {
    shown = shown * .3;
    small(part).copyTo(shown(part));
  } else {
    shown(part).setTo(cv::mean(small(part)));
  }
  cv::rectangle(shown, part, row.colour, 2);
  shown.copyTo(canvas);
}

// Negative `share`: the bar goes the other way, drawn pale.
void draw_bar(cv::Mat& canvas, const cv::Rect2d& track, double share, const cv::Scalar& colour) {
  const auto fill = [&](const cv::Rect2d& place, const cv::Scalar& with) {
    paint(canvas, cv::Rect(place), with,
          [&](cv::Mat& mask) { fill_rounded(mask, .5 * kSmoothing * std::floor(place.height)); });
  };
  fill(track, kTrack);
  const double length = track.width * std::clamp(std::abs(share), 0., 1.);
  if (length >= 1)
    fill({track.x, track.y, std::max(length, track.height), track.height},
         share > 0 ? colour : cv::Scalar(kPale));
}

// The table beside the face: a row for each region.
class RegionTable {
 public:
  RegionTable(const Explanation& explained, const Explainer& explainer, const Image& face,
              const std::vector<Row>& rows)
      : explained_(explained),
        labels_(explainer.recognizer().labels()),
        by_attention_(explainer.weighs_views()),
        face_(face),
        rows_(rows) {}

  void draw(cv::Mat& canvas) const {
    draw_headings(canvas);
    for (std::size_t i = 0; i < rows_.size(); ++i) draw_row(canvas, i);
  }

 private:
  double row_height() const {
    return std::min(96., static_cast<double>(kFace - kHeadings) / static_cast<double>(rows_.size()));
  }
  int map_side() const { return static_cast<int>(row_height()) - 10; }
  double bars() const { return kRows + map_side() + 16; }
  double numbers() const { return bars() + kBars + 14; }

  void draw_headings(cv::Mat& canvas) const {
    const double y = kTitle + 14;
    const std::string change = "change in certainty, in points";
    write_text(canvas, by_attention_ ? "weight in the prediction" : change, {bars(), y}, kSmallText, kPale);
    write_text(canvas, by_attention_ ? "prediction without it" : "prediction when occluded",
               {kPredictions, y}, kSmallText, kPale);
  }

  void draw_row(cv::Mat& canvas, std::size_t index) const {
    const Row& row = rows_[index];
    const double top = kTitle + kHeadings + static_cast<double>(index) * row_height();
    const double middle = top + map_side() / 2.;
    draw_map(canvas({kRows, static_cast<int>(top), map_side(), map_side()}), face_, row, by_attention_);
    write_text(canvas, row.view.name, {bars(), middle - 14}, kText, kInk);
    draw_bar(canvas, {bars(), middle - 6, kBars, 14}, row.strength, row.colour);
    const auto number = by_attention_ ? formatted("%.0f %%", 100 * row.view.weight)
                                      : formatted("%+.0f", -100 * lost(explained_.face, row.view));
    write_text(canvas, number, {numbers(), middle + 8}, kText, kInk);
    draw_attention(canvas, "self", row.view, &FaceView::self_attention, middle + 15);
    draw_attention(canvas, "relation", row.view, &FaceView::relation_attention, middle + 29);
    draw_answer(canvas, row.view, middle);
  }

  // A thin bar beside those of the other regions, where the network has this attention.
  void draw_attention(cv::Mat& canvas, const char* name, const ExplainedView& view,
                      std::optional<float> FaceView::*which, double y) const {
    const auto value = view.*which;
    if (!value) return;
    double most = 1e-6;
    for (const auto& row : rows_) most = std::max<double>(most, (row.view.*which).value_or(0));
    draw_bar(canvas, {bars(), y, kBars, 5}, *value / most, kPale);
    write_text(canvas, formatted("%.2f %s", *value, name), {numbers(), y + 7}, kTinyText, kPale);
  }

  void draw_answer(cv::Mat& canvas, const ExplainedView& view, double middle) const {
    const auto top = std::max_element(view.without.begin(), view.without.end());
    const auto& label = labels_[static_cast<std::size_t>(top - view.without.begin())];
    const bool same = label == explained_.face.expression;
    const std::string text = label + formatted(" %d %%", percent(*top));
    const Colours plain{kPaper, kInk};
    write_pill(canvas, text, {same ? kPredictions - .6 * kText : kPredictions, middle - kText}, kText,
               same ? plain : colours_of(label));
  }

  const Explanation& explained_;
  const std::vector<std::string>& labels_;
  bool by_attention_;
  const Image& face_;
  const std::vector<Row>& rows_;
};

void draw_title(cv::Mat& canvas, const Face& face, const std::string& note) {
  const auto pill = write_pill(canvas, face.expression + formatted(" %d %%", percent(face.probability())),
                               {kEdge, 34}, 21, colours_of(face.expression));
  write_text(canvas, note, {pill.br().x + 24., pill.y + 30.}, kText, kPale);
}

std::string legend(const Explanation& explained, bool by_attention) {
  if (!by_attention)
    return "This model has no attention: each part of the face was occluded in turn, and the model ran "
           "again.";
  std::string text = "Thick bar: weight of the region in the prediction.";
  const auto& first = explained.views.front();
  if (first.self_attention) text += "  Self-attention: from the region alone.";
  if (first.relation_attention) text += "  Relation-attention: with the global feature.";
  return text;
}

cv::Mat draw_panel(ImageView image, const Explanation& explained, const Explainer& explainer,
                   const std::string& note) {
  const auto chip = wide_chip(explainer.recognizer().model().chip);
  const auto& landmarks = explained.face.landmarks;
  const bool by_attention = explainer.weighs_views();
  const Image face = cut_chip(image, landmarks, chip);
  const auto rows = rows_of(explained, inverse(chip_to_image(landmarks, chip)), by_attention);
  cv::Mat canvas(kTitle + kFace + kFoot, kWidth, CV_8UC3, kPaper);
  draw_title(canvas, explained.face, note);
  draw_face(canvas(cv::Rect(kEdge, kTitle, kFace, kFace)), face, rows);
  RegionTable(explained, explainer, face, rows).draw(canvas);
  write_text(canvas, legend(explained, by_attention), {kEdge, kTitle + kFace + 34.}, kSmallText, kPale);
  return canvas;
}

}  // namespace

Image draw_explanations(ImageView image, std::span<const Explanation> explanations,
                        const Explainer& explainer) {
  const std::string& model = explainer.recognizer().model().name;
  cv::Mat all;
  for (std::size_t i = 0; i < explanations.size(); ++i) {
    std::string note = "says " + model;
    if (explanations.size() > 1) note += formatted("; face %zu of %zu", i + 1, explanations.size());
    all.push_back(draw_panel(image, explanations[i], explainer, note));
  }
  return image_of(all);
}

}  // namespace regard
