#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/core/image.h"
#include "regard/pipeline/face.h"

/// Streams of images, recognised one or several at a time: source -> decode -> faces -> sink.
namespace regard {

/// An image that enters the pipeline.
struct ImageInput {
  std::string file = {};  ///< the file to read; if there are pixels or a reader, only their name
  Image pixels = {};      ///< an image that is decoded already, such as a frame of a video
  std::function<Image()> read =
      {};  ///< reads an image that is no file; called in one of the pipeline's threads
};

/// An image that leaves the pipeline, with its faces or an error.
struct ImageOutput : ImageFaces {
  std::optional<Error> error = {};
  Image drawing = {};  ///< what PipelineOptions::draw made
};

struct PipelineOptions {
  int jobs = 1;            ///< images that are computed at the same time; one more is decoded ahead
  std::size_t window = 0;  ///< images between source and sink, at least 3; 0: 2 x jobs + 4
  std::stop_token stop = {};
  /// If set, it is called with every recognised image, and its result is passed to the sink.
  std::function<Image(ImageView image, std::span<const Face> faces)> draw = {};
};

/// The next image; none at the end. Called from a thread other than the sink's, one call at a time.
using ImageSource = std::function<std::optional<ImageInput>()>;
/// The faces of an image: Recognizer::recognize or the like. Called from `jobs` + 1 threads.
using FaceStage = std::function<std::vector<Face>(const std::string& file, ImageView image)>;
/// Receives the results in the order of the source. Called in the caller's thread.
using ImageSink = std::function<void(ImageOutput output)>;

/// Recognises all images of a source. An error in reading, recognising or drawing is passed on with its
/// image, and the others continue; an error of the source or of the sink ends the pipeline and is thrown.
/// After a request on `stop` no further image is taken; those in the pipeline are finished.
///
/// Memory does not depend on the number of images: at most `window` are in the pipeline, and at most `jobs`
/// + 1 of them are decoded, not counting pixels that the source supplies and drawings.
void run_pipeline(const ImageSource& source, const FaceStage& faces, const ImageSink& sink,
                  const PipelineOptions& options = {});

}  // namespace regard
