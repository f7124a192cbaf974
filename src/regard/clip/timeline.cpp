#include "regard/clip/timeline.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "regard/clip/summary.h"
#include "regard/core/text.h"
#include "regard/output/canvas.h"

namespace regard {

void Timeline::take(const ClipFrame& frame) {
  const double now = frame.stamp.seconds;
  if (!any_) begin_ = now;
  // Of selected ranges the pauses are no steps.
  if (any_ && (step_ == 0 || now - end_ < 10 * step_)) step_ = std::max(step_, now - end_);
  end_ = now, any_ = true;
  if (frame.cut) cuts_.push_back(static_cast<float>(now));
  for (const auto& face : frame.faces) {
    if (face.person == kNobody || face.smoothed.empty()) continue;
    const auto best = std::ranges::max_element(face.smoothed);
    people_[face.person].push_back({.seconds = static_cast<float>(now),
                                    .probability = *best,
                                    .label = static_cast<int>(best - face.smoothed.begin()),
                                    .unsure = is_unsure(face, frame.stamp)});
  }
}

/// Draws one timeline; all lengths in pixels.
class TimelineDrawing {
 public:
  explicit TimelineDrawing(const Timeline& timeline) : timeline_(timeline) {}

  std::string svg(const std::string& title, const std::string& method) {
    const double height = top_of(timeline_.people_.size()) + kAxis + kLegend;
    svg_ = formatted(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" "
        "font-size=\"12\" fill=\"#222\">\n<desc>%s</desc>\n<defs><pattern id=\"away\" width=\"6\" "
        "height=\"6\" "
        "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path d=\"M0 0V6\" stroke=\"#ccc\"/>"
        "</pattern></defs>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
        "<text x=\"%.0f\" y=\"20\" font-size=\"14\">%s</text>\n",
        kWidth, height, escape_html(method).c_str(), kLeft, escape_html(title).c_str());
    std::size_t lane = 0;
    for (const auto& [person, moments] : timeline_.people_) draw_lane(person, moments, top_of(lane++));
    draw_cuts();
    draw_axis(top_of(lane));
    draw_legend(top_of(lane) + kAxis);
    return svg_ + "</svg>\n";
  }

 private:
  using Moments = std::vector<Timeline::Moment>;
  using Place = Moments::const_iterator;
  static constexpr double kWidth = 1000, kLeft = 80, kRight = 20, kTop = 34, kLane = 60, kGap = 18, kMark = 4,
                          kAxis = 22, kLegend = 30;

  static double top_of(std::size_t lane) { return kTop + static_cast<double>(lane) * (kLane + kGap); }

  std::string colour_of(int label) const {
    const auto fill = colours_of(timeline_.labels_[static_cast<std::size_t>(label)]).fill;
    return formatted("#%02x%02x%02x", static_cast<int>(fill[0]), static_cast<int>(fill[1]),
                     static_cast<int>(fill[2]));
  }

  double x_of(double seconds) const {
    const double length = std::max(timeline_.end_ + timeline_.step_ - timeline_.begin_, 1e-3);
    return kLeft + (seconds - timeline_.begin_) / length * (kWidth - kLeft - kRight);
  }

  void rectangle(double from, double to, double y, double height, const char* fill) {
    svg_ += formatted("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", from, y,
                      std::max(to - from, .1), height, fill);
  }

  /// The first moment from `begin` on that does not go on as the one before it does.
  static Place end_of(Place begin, Place end, auto&& goes_on) {
    return std::adjacent_find(begin, end, [&](const auto& a, const auto& b) { return !goes_on(a, b); });
  }

  /// Calls `draw` with the pieces of [begin, end) that go on, the first moment and the one after the last.
  void for_pieces(Place begin, Place end, auto&& goes_on, auto&& draw) {
    while (begin != end) {
      Place last = end_of(begin, end, goes_on);
      const Place next = last == end ? end : last + 1;
      draw(begin, next);
      begin = next;
    }
  }

  /// Up to where a piece is drawn: where the next one begins, or for as long as a frame.
  double end_x(Place last, Place all_end) const {
    const double step = std::max(timeline_.step_, 1e-3);
    const Place next = last + 1;
    return x_of(next != all_end && next->seconds - last->seconds <= 1.5 * step ? next->seconds
                                                                               : last->seconds + step);
  }

  void draw_lane(int person, const Moments& moments, double top) {
    svg_ += formatted("<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">person %d</text>\n", kLeft - 8,
                      top + kLane / 2, person);
    rectangle(kLeft, kWidth - kRight, top, kLane, "url(#away)");
    const double pause = 1.5 * std::max(timeline_.step_, 1e-3);
    const auto seen = [&](const auto& a, const auto& b) { return b.seconds - a.seconds <= pause; };
    for_pieces(moments.begin(), moments.end(), seen, [&](Place begin, Place end) {
      rectangle(x_of(begin->seconds), end_x(end - 1, end), top, kLane, "#f6f6f6");
      const auto same = [](const auto& a, const auto& b) { return a.label == b.label; };
      for_pieces(begin, end, same, [&](Place from, Place to) { draw_area(from, to, end, top); });
      const auto alike = [](const auto& a, const auto& b) { return a.unsure == b.unsure; };
      for_pieces(begin, end, alike, [&](Place from, Place to) {
        if (from->unsure) rectangle(x_of(from->seconds), end_x(to - 1, end), top + kLane + 1, kMark, "#444");
      });
    });
  }

  void draw_area(Place begin, Place end, Place all_end, double top) {
    const double bottom = top + kLane;
    std::string points = formatted("%.1f,%.1f", x_of(begin->seconds), bottom);
    double before = -1;
    for (Place at = begin; at != end; ++at) {
      const double x = x_of(at->seconds);
      if (x - before < .5 && at + 1 != end) continue;  // finer than anybody can see
      points += formatted(" %.1f,%.1f", x, bottom - kLane * at->probability);
      before = x;
    }
    const double right = end_x(end - 1, all_end);
    points +=
        formatted(" %.1f,%.1f %.1f,%.1f", right, bottom - kLane * (end - 1)->probability, right, bottom);
    svg_ += "<polygon points=\"" + points + "\" fill=\"" + colour_of(begin->label) + "\"/>\n";
  }

  void draw_cuts() {
    const double bottom = top_of(timeline_.people_.size()) - kGap;
    for (const float seconds : timeline_.cuts_)
      svg_ += formatted("<path d=\"M%.1f %.1fV%.1f\" stroke=\"#222\" stroke-dasharray=\"2 3\"/>\n",
                        x_of(seconds), kTop, bottom);
  }

  void draw_axis(double top) {
    constexpr std::array kSteps{.1,  .2,  .5,   1.,   2.,   5.,    10.,   20.,
                                30., 60., 120., 300., 600., 1200., 1800., 3600.};
    const double length = timeline_.end_ - timeline_.begin_;
    const auto* step = std::ranges::find_if(kSteps, [&](double one) { return length / one <= 12; });
    const double every = step == kSteps.end() ? kSteps.back() : *step;
    const int first = static_cast<int>(std::ceil(timeline_.begin_ / every));
    const int last = static_cast<int>(std::floor(timeline_.end_ / every + 1e-9));
    for (int i = first; i <= last; ++i) {
      const double at = i * every;
      const std::string text =
          every < 1 ? formatted("%.1f s", at)
                    : formatted("%d:%02d", static_cast<int>(at) / 60, static_cast<int>(at) % 60);
      svg_ += formatted("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", x_of(at), top + 6,
                        text.c_str());
    }
  }

  void draw_legend(double top) {
    double x = kLeft;
    for (std::size_t i = 0; i < timeline_.labels_.size(); ++i) {
      rectangle(x, x + 12, top, 12, colour_of(static_cast<int>(i)).c_str());
      svg_ += formatted("<text x=\"%.0f\" y=\"%.1f\">%s</text>\n", x + 17, top + 10.5,
                        escape_html(timeline_.labels_[i]).c_str());
      x += 30 + 7.2 * static_cast<double>(timeline_.labels_[i].size());
    }
    rectangle(x, x + 12, top + 4, kMark, "#444");
    svg_ += formatted("<text x=\"%.0f\" y=\"%.1f\">unsure</text>\n", x + 17, top + 10.5);
  }

  const Timeline& timeline_;
  std::string svg_ = {};
};

std::string Timeline::svg(const std::string& title, const std::string& method) const {
  return TimelineDrawing(*this).svg(title, method);
}

}  // namespace regard
