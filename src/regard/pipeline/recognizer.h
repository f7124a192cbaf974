#pragma once

#include <filesystem>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "regard/core/chip.h"
#include "regard/core/error.h"
#include "regard/core/geometry.h"
#include "regard/core/image.h"
#include "regard/engine/options.h"
#include "regard/face/detector.h"
#include "regard/pipeline/face.h"
#include "regard/pipeline/model_files.h"

namespace regard {

class Stages;

struct RecognizerOptions {
  DetectorOptions detector = {};
  EngineOptions engine = {};
  /// Number of images that are recognised at the same time, each in a thread of the caller; further calls
  /// wait. Each takes memory. If `threads` are 0, the cores are divided among them.
  int jobs = 1;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("detector", detector, "how faces are found");
    visit("engine", engine, "how the network is run");
  }
};

/// The description of a model file.
struct ModelInfo {
  std::string name = {};  ///< e.g. "ferplus-ran"
  std::shared_future<std::string> file_hash = {};
  std::string licence = {};
  std::string source = {};               ///< where the starting weights came from, with their licence
  std::vector<std::string> labels = {};  ///< in the order of a face's probabilities
  ChipOptions chip = {};                 ///< how a face becomes a chip of the model

  /// SHA-256 of its file, 64 hexadecimal digits, computed when it is first asked for; empty for a model that
  /// was not read from a file. Throws Error if the file was written to since it was read; it may have been
  /// removed or replaced.
  std::string hash() const { return file_hash.valid() ? file_hash.get() : ""; }
};

/// From an image to the expressions of its faces. All const members are thread safe; one recognizer for all
/// threads is the cheapest, with RecognizerOptions::jobs of their number.
class Recognizer {
 public:
  /// `model`: a model file, or the name of a shipped model ("ferplus-mobilenet"); empty: the default one.
  /// Throws Error if it does not exist or is damaged.
  explicit Recognizer(const std::filesystem::path& model = {}, const RecognizerOptions& options = {});
  /// Shares stages (regard/pipeline/stages.h) with others.
  explicit Recognizer(std::shared_ptr<const Stages> stages);
  ~Recognizer();
  Recognizer(Recognizer&&) noexcept;
  Recognizer& operator=(Recognizer&&) noexcept;

  /// The faces of an image, highest score first; an empty list if there are none. Throws Error for an
  /// unreadable file or an empty image.
  std::vector<Face> recognize(const std::filesystem::path& image) const;
  std::vector<Face> recognize(ImageView image) const;

  /// Faces from another detector: one result per detection or box, in order.
  std::vector<Face> recognize(ImageView image, std::span<const Detection> faces) const;
  std::vector<Face> recognize(ImageView image, std::span<const Box> boxes) const;

  /// Chips of the model's size: one result each, with the whole chip as its box.
  std::vector<Face> recognize_chips(std::span<const ImageView> chips) const;

  const std::vector<std::string>& labels() const;
  /// The names of the views of a face; none if the network does not weight views.
  const std::vector<std::string>& views() const;
  const ModelInfo& model() const;

 private:
  std::shared_ptr<const Stages> stages_;
};

}  // namespace regard
