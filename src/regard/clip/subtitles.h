#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "regard/clip/identities.h"

namespace regard {

/// What one person shows for a short while.
struct Caption {
  double from = 0, to = 0;  ///< seconds
  int person = 0;
  std::size_t label = 0;  ///< the most probable expression on average
  float probability = 0;  ///< its smoothed probability, on average
  Point place = {};       ///< the middle of the upper edge of the face, in pixels
};

/// Collects captions: one for every half second and person, so that any player shows the results over the
/// video.
class Captions {
 public:
  static constexpr double kLength = .5;

  void take(const ClipFrame& frame);
  /// All captions so far, by time.
  std::vector<Caption> captions() const;

 private:
  struct Sum {
    int frames = 0;
    std::vector<float> values = {};
    Point place = {};
  };

  std::vector<Caption> ended(double end) const;

  double begin_ = -kLength;
  double last_ = 0;
  std::map<int, Sum> people_ = {};
  std::vector<Caption> done_ = {};
};

/// What a file of subtitles needs besides the captions.
struct SubtitleContext {
  std::vector<std::string> labels = {};
  int width = 0, height = 0;  ///< of the video
  std::string method = {};    ///< how they were made, in a sentence, kept as a comment; empty: unknown
};

/// A kind of subtitles.
struct SubtitleFormat {
  const char* ending;
  const char* help;
  std::string (*text)(std::span<const Caption> captions, const SubtitleContext& context);
};

/// The table of kinds: .vtt (WebVTT) and .ass (Advanced SubStation Alpha).
std::span<const SubtitleFormat> subtitle_formats();

/// The kind of a file by its ending. Throws Error naming the known ones.
const SubtitleFormat& subtitle_format(const std::string& file);

}  // namespace regard
