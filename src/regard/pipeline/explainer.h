#pragma once

#include <memory>
#include <vector>

#include "regard/pipeline/recognizer.h"

namespace regard {

/// A region of a face, and what would be predicted for the face without it.
struct ExplainedView : FaceView {
  std::vector<float> without = {};  ///< probabilities of every label then
};

/// What the prediction for a face rests on.
struct Explanation {
  Face face = {};
  std::vector<ExplainedView> views = {};
};

/// Tells what a model's predictions rest on. A network that weighs views (`weighs_views`) is run again
/// without each of them: the same network as though that view's weight were zero. Any other one is explained
/// by occlusion, which is another thing: squares about the landmarks of the chip are occluded in turn, each
/// with its own mean colour, and the views' weights are 0. All const members may be called from several
/// threads at once.
class Explainer {
 public:
  /// As Recognizer.
  explicit Explainer(const std::filesystem::path& model = {}, const RecognizerOptions& options = {});
  ~Explainer();
  Explainer(Explainer&&) noexcept;
  Explainer& operator=(Explainer&&) noexcept;

  /// The faces of an image as Recognizer::recognize finds them.
  std::vector<Explanation> explain(ImageView image) const;

  bool weighs_views() const;
  const Recognizer& recognizer() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard
