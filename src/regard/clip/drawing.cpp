#include "regard/clip/drawing.h"

#include <algorithm>
#include <utility>

#include "regard/core/error.h"
#include "regard/output/draw.h"

namespace regard {
namespace {

/// `out`, unless it is the clip itself.
std::filesystem::path other_than(const std::filesystem::path& clip, std::filesystem::path out) {
  std::error_code none;
  if (std::filesystem::equivalent(clip, out, none)) throw Error("would overwrite the video", out.string());
  return out;
}

/// The face with its smoothed probabilities.
Face smoothed_face(const PersonFace& face, const std::vector<std::string>& labels) {
  Face smoothed = face.face;
  smoothed.probabilities = face.smoothed;
  const auto best = std::ranges::max_element(face.smoothed) - face.smoothed.begin();
  if (!face.smoothed.empty()) smoothed.expression = labels[static_cast<std::size_t>(best)];
  return smoothed;
}

}  // namespace

void check_drawing_name(const std::string& file) {
  const std::string ending = std::filesystem::path(file).extension();
  if (ending != ".mp4") throw Error("unknown kind of video", file, ".mp4", ending);
}

ClipDrawing::ClipDrawing(const std::filesystem::path& clip, const std::filesystem::path& out, Options options)
    : clip_(clip),
      out_(other_than(clip, out)),
      options_(std::move(options)),
      reader_(open_video(clip)),
      file_(out) {}

ClipDrawing::ClipDrawing(std::unique_ptr<VideoReader> frames, const std::filesystem::path& out,
                         Options options)
    : out_(out), options_(std::move(options)), reader_(std::move(frames)), file_(out) {}

Image ClipDrawing::drawn(const ClipFrame& frame) const {
  std::vector<Face> faces;
  std::vector<std::string> who;
  for (const auto& face : frame.faces) {
    faces.push_back(smoothed_face(face, options_.labels));
    who.push_back(face.person == kNobody ? "" : std::to_string(face.person));
  }
  return draw_people(reader_->image(), faces, who);
}

void ClipDrawing::begin(ImageView first) {
  writer_ = write_video(file_.open_name(), {.width = first.width,
                                            .height = first.height,
                                            .rate = reader_->info().rate,
                                            .sound = clip_,
                                            .from = options_.from,
                                            .comment = options_.method});
}

void ClipDrawing::take(const ClipFrame& frame) {
  std::optional<FrameStamp> stamp;
  do stamp = reader_->next();
  while (stamp && stamp->number < frame.stamp.number);
  if (!stamp) throw Error("video has become shorter while it was read", clip_.string());
  if (reader_->image().empty()) return;
  const Image image = drawn(frame);
  if (!writer_) begin(image);
  writer_->write(image, frame.stamp.seconds - options_.from);
}

std::string ClipDrawing::finish() {
  if (!writer_) throw Error("there is no frame to be drawn", out_.string());
  writer_->finish();
  file_.commit();
  return writer_->left_out();
}

}  // namespace regard
