#pragma once

#include <memory>
#include <vector>

#include "regard/pipeline/recognizer.h"

namespace regard {

/// A region of a face, and the prediction without it.
struct ExplainedView : FaceView {
  std::vector<float> without = {};  ///< probabilities of all labels in that case
};

/// The explanation of the prediction for a face.
struct Explanation {
  Face face = {};
  std::vector<ExplainedView> views = {};
};

/// Explains the predictions of a model. A network that weights views (`weighs_views`) runs again without each
/// of them, as if the weight of that view were zero. Any other network is explained by occlusion, which is
/// something else: squares around the landmarks of the chip are occluded in turn, each with its own mean
/// colour, and the weights of the views are 0. All const members are thread safe.
class Explainer {
 public:
  /// As Recognizer.
  explicit Explainer(const std::filesystem::path& model = {}, const RecognizerOptions& options = {});
  /// Shares stages (regard/pipeline/stages.h) with others.
  Explainer(std::shared_ptr<const Stages> stages, const EngineOptions& options);
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
