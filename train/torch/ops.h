#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "regard/model/weights.h"
#include "regard/ops/spec.h"

namespace regard {

/// A network's parameters and buffers as tensors, by name; f32.
using TorchWeights = std::map<std::string, at::Tensor, std::less<>>;

/// Copies values onto `device`; where `specs` says that a parameter is trained, it requires gradients.
TorchWeights to_torch(const Weights& weights, const std::vector<ParameterSpec>& specs,
                      at::Device device = at::kCPU);

/// Copies values back.
Weights from_torch(const TorchWeights& weights);

/// Modes of batch norms: normalise with batch statistics and update the running ones; normalise with the
/// running ones; or re-estimate: replace the running statistics by the batch's and adapt scale and shift so
/// that the function stays the same (to restore a batch norm that was folded into a convolution).
enum class BatchNormMode { batch, running, reestimate };

/// Ops that compute with tensors, and gradients where autograd records them.
class TorchOps {
 public:
  using Value = at::Tensor;

  struct Options {
    BatchNormMode batch_norm = BatchNormMode::running;
    at::ScalarType precision = at::kFloat;  ///< of convolutions: kFloat or kBFloat16
    bool training = false;                  ///< whether dropout is active and regions are sampled
    at::Generator generator;                ///< the randomness of training, a CPU generator
    at::Tensor frame;                       ///< [n, 2, 3] or undefined: see views()
    at::Tensor landmarks;                   ///< [n, 5, 2] in fractions of the chip, where a network asks
  };

  /// chips: [n, 1 or 3, s, s], any element type, 0 to 255, on the weights' device. Running statistics in
  /// `weights` change in the modes `batch` and `reestimate`.
  TorchOps(TorchWeights& weights, at::Tensor chips, Options options);

  /// See SpecOps for what each op is.
  Value chip(int size);
  Value constant(const Shape& shape, const std::vector<float>& values);
  Value luma(const Value& x);
  Value normalize(const Value& x, const NormalizeOptions& options);
  /// If Options::frame is set, all points of the chip are mapped by the frame of the face, an affine in
  /// fractions of the chip: training sees all views of a rotated, shifted, scaled face at no extra cost.
  Value views(const Value& chip, const Value& affines, int size);
  Value regions(const Value& map, const Value& affines, int size);
  Value random_regions(const RandomRegions& options);
  /// Options::landmarks as they lie in the frame.
  Value landmarks();
  Value squares_around(const Value& points, float half_side);
  Value squares_within(const Value& x, float smallest, float largest);
  Value compose(const Value& outer, const Value& inner);
  Value soft_argmax(const Value& x);
  Value with_mirrored(const Value& affines);
  Value conv2d(const std::string& name, const Value& x, const Conv2dOptions& options);
  Value batch_norm(const std::string& name, const Value& x, Activation activation = Activation::none,
                   float epsilon = 1e-3f);
  Value relu(const Value& x);
  Value relu6(const Value& x);
  Value prelu(const std::string& name, const Value& x);
  Value sigmoid(const Value& x);
  Value softmax(const Value& x);
  Value dropout(const Value& x, float probability);
  Value global_average_pool(const Value& x);
  Value max_pool(const Value& x, int kernel, int stride, int padding = 0);
  Value flatten(const Value& x);
  Value add(const Value& a, const Value& b);
  Value linear(const std::string& name, const Value& x, int out, bool bias = true,
               Initializer initializer = Initializer::fan_in);
  Value classifier(const std::string& name, const Value& x, int classes) { return linear(name, x, classes); }
  Value split_views(const Value& x, int views);
  Value mean_of_views(const Value& x);
  Value normalized_weights(const Value& weights);
  Value weighted_mean(const Value& x, const Value& weights);
  Value append_to_views(const Value& x, const Value& y);
  Value concat_views(const Value& x);
  Value join_views(const std::vector<Value>& parts);
  Value concat(const std::vector<Value>& parts);
  Value pick_view(const Value& x, int view);
  Value keep_views(const Value& x, const std::vector<int>& views);
  Value drop_views(const Value& weights, float probability);
  Value roll_over_batch(const Value& x);
  Value keep_largest(const Value& weights, int count);
  Value stop_gradient(const Value& x);
  Value squeeze(const Value& x);
  Value multiply(const Value& a, const Value& b);
  Value log(const Value& x);
  Value scale(const Value& x, float factor);
  template <class Part>
  auto again(Part&& part) {
    return part();
  }
  template <class Part>
  auto within(const std::string& name, Part&& part) {
    const auto before = std::exchange(scope_, scope_ + name + ".");
    auto result = part();
    scope_ = before;
    return result;
  }
  void output(const std::string& name, const Value& x);
  void training_output(const std::string& name, const Value& x) { output(name, x); }

  /// A named output. Throws Error if there is none.
  const at::Tensor& output(const std::string& name) const;

 private:
  at::Tensor& weight(const std::string& name);
  /// Drawn on the CPU, so that a run draws the same on every device.
  at::Tensor uniform(at::IntArrayRef shape);

  TorchWeights& weights_;
  at::Tensor chips_;
  Options options_;
  std::map<std::string, at::Tensor> outputs_;
  std::string scope_;  ///< what names of parameters and outputs begin with
};

}  // namespace regard
