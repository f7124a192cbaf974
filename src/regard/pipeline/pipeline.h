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

/// Many images, one after the other or several at a time: source -> decode -> faces -> sink.
namespace regard {

/// An image that comes in.
struct ImageInput {
  std::string file = {};  ///< the file that is read; with pixels, only what they are called
  Image pixels = {};      ///< those of a frame, say; empty: the file's
};

/// An image that comes out, with its faces or the reason why there are none.
struct ImageOutput : ImageFaces {
  std::optional<Error> error = {};
  Image drawing = {};  ///< what PipelineOptions::draw made
};

struct PipelineOptions {
  int jobs = 1;            ///< images at the same time
  std::size_t window = 0;  ///< images between source and sink, at least 3; 0: 2 x jobs + 2
  std::stop_token stop = {};
  /// Called with every image that has been recognised, where an image of it is wanted in the sink.
  std::function<Image(ImageView image, std::span<const Face> faces)> draw = {};
};

/// Gives the next image; none at the end. Called from one thread at a time.
using ImageSource = std::function<std::optional<ImageInput>()>;
/// The faces of an image: Recognizer::recognize or the like. Called from `jobs` threads.
using FaceStage = std::function<std::vector<Face>(const std::string& file, ImageView image)>;
/// Takes the results in the source's order. Called in the caller's thread.
using ImageSink = std::function<void(ImageOutput output)>;

/// Takes all images of a source through the stages. An error in reading, recognising or drawing belongs to
/// its image, and the others go on; one of the source or of the sink ends the pipeline and is thrown. After
/// `stop` was requested no further image is taken, and those under way are finished.
///
/// However many images the source has, no more than `window` are under way, of which no more than `jobs` are
/// in memory as pixels, beside those that the source brings itself and those that were drawn.
void run_pipeline(const ImageSource& source, const FaceStage& faces, const ImageSink& sink,
                  const PipelineOptions& options = {});

}  // namespace regard
