#include "regard/clip/subtitles.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "regard/clip/selection.h"
#include "regard/core/table.h"
#include "regard/core/text.h"

namespace regard {
namespace {

std::string words(const Caption& caption, const std::vector<std::string>& labels) {
  return formatted("%d: %s %.0f %%", caption.person, labels[caption.label].c_str(),
                   100 * caption.probability);
}

double percent(float value, int whole) {
  return std::clamp(100. * value / std::max(1, whole), 0., 100.);
}

/// W3C's WebVTT: one cue per caption, placed over its face.
std::string webvtt(std::span<const Caption> captions, const SubtitleContext& context) {
  const auto& [labels, width, height, method] = context;
  std::string text = "WEBVTT\n";
  if (!method.empty()) text += "\nNOTE " + method + "\n";
  for (const auto& caption : captions)
    text += formatted("\n%s --> %s line:%.0f%% position:%.0f%% align:center size:30%%\n",
                      time_text(caption.from, 3, 2).c_str(), time_text(caption.to, 3, 2).c_str(),
                      std::max(0., percent(caption.place.y, height) - 6), percent(caption.place.x, width)) +
            words(caption, labels) + "\n";
  return text;
}

/// Aegisub's description of SubStation Alpha 4.00+; places are in pixels of the video.
std::string substation(std::span<const Caption> captions, const SubtitleContext& context) {
  const auto& [labels, width, height, method] = context;
  std::string text = "[Script Info]\n" + (method.empty() ? "" : "; " + method + "\n");
  text += formatted(
      "ScriptType: v4.00+\nPlayResX: %d\nPlayResY: %d\nScaledBorderAndShadow: yes\n\n"
      "[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, "
      "BackColour, "
      "Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, "
      "Alignment, "
      "MarginL, MarginR, MarginV, Encoding\n"
      "Style: "
      "Face,sans-serif,%d,&H00FFFFFF,&H00FFFFFF,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,%d,0,2,0,0,0,"
      "1\n\n"
      "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
      width, height, std::max(12, height / 24), std::max(1, height / 360));
  for (const auto& caption : captions)
    text +=
        formatted("Dialogue: 0,%s,%s,Face,person %d,0,0,0,,{\\pos(%.0f,%.0f)}",
                  time_text(caption.from, 2, 1).c_str(), time_text(caption.to, 2, 1).c_str(), caption.person,
                  caption.place.x, std::max(caption.place.y - 4, static_cast<float>(height) / 20)) +
        words(caption, labels) + "\n";
  return text;
}

constexpr std::array kSubtitleFormats{SubtitleFormat{".vtt", "WebVTT", webvtt},
                                      SubtitleFormat{".ass", "Advanced SubStation Alpha", substation}};

}  // namespace

void Captions::take(const ClipFrame& frame) {
  const double now = frame.stamp.seconds;
  if (now >= begin_ + kLength) {
    for (const auto& caption : ended(std::min(now, begin_ + kLength))) done_.push_back(caption);
    people_.clear();
    begin_ = now;
  }
  last_ = now;
  for (const auto& face : frame.faces) {
    if (face.person == kNobody || face.smoothed.empty()) continue;
    auto& sum = people_[face.person];
    sum.values.resize(face.smoothed.size());
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += face.smoothed[i];
    ++sum.frames;
    sum.place = {face.face.box.x + face.face.box.width / 2, face.face.box.y};
  }
}

std::vector<Caption> Captions::ended(double end) const {
  std::vector<Caption> captions;
  for (const auto& [person, sum] : people_) {
    const auto best = std::ranges::max_element(sum.values);
    captions.push_back({.from = begin_,
                        .to = end,
                        .person = person,
                        .label = static_cast<std::size_t>(best - sum.values.begin()),
                        .probability = *best / static_cast<float>(sum.frames),
                        .place = sum.place});
  }
  return captions;
}

std::vector<Caption> Captions::captions() const {
  auto all = done_;
  for (const auto& caption : ended(std::max(last_, begin_ + .1))) all.push_back(caption);
  return all;
}

std::span<const SubtitleFormat> subtitle_formats() {
  return kSubtitleFormats;
}

const SubtitleFormat& subtitle_format(const std::string& file) {
  return find_ending(kSubtitleFormats, file, "kind of subtitles");
}

}  // namespace regard
