#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/tensor.h"

namespace regard {

/// A value in a network; the ops define what it is (a shape, an edge of a graph, a tensor).
template <class Ops>
using Value = typename Ops::Value;

/// Rows and columns of zeros around an image.
struct Padding {
  int top = 0, left = 0, bottom = 0, right = 0;
  static constexpr Padding all(int n) { return {n, n, n, n}; }
};

struct Conv2dOptions {
  int out = 0;
  int kernel = 3;
  int stride = 1;
  Padding padding{};
  int groups = 1;
  bool bias = false;
};

/// The activation directly after a batch norm.
enum class Activation { none, relu, relu6 };

/// Input normalisation of chips (0 to 255): the luma (ITU-R BT.601) in all three channels if `grey`, then (x
/// - mean) / std per channel.
struct NormalizeOptions {
  bool grey = false;
  std::vector<float> mean{0, 0, 0};
  std::vector<float> std{255, 255, 255};

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("grey", grey, "use the luma only, so that colour has no effect");
    visit("mean", mean, "mean of red, green and blue (0-255), subtracted");
    visit("std", std, "standard deviation of red, green and blue, divided by");
  }
};

/// Square regions of random size and position (Wang et al., IEEE TIP 2020, section III-A).
struct RandomRegions {
  int count = 3;
  float smallest = .70f, largest = .95f;  ///< sides, in fractions of the chip
  std::int64_t seed = 1;

  /// The whole face and `count` regions, from the seed.
  std::vector<Affine> draw() const;
};

/// How a parameter is initialised: he (normal, variance 2 / fan-in, He et al. 2015), fan_in (uniform within 1
/// / sqrt(fan-in)), zeros, ones, quarter (.25: PReLU, He et al., ICCV 2015).
enum class Initializer { he, fan_in, zeros, ones, quarter };

/// One parameter or buffer of a network.
struct ParameterSpec {
  std::string name;
  Shape shape;
  Initializer initializer = Initializer::zeros;
  bool trained = true;     ///< false: a buffer (running mean, running variance), without gradient
  bool decayed = true;     ///< whether weight decay applies: to matrices and kernels, not to biases and norms
  bool per_class = false;  ///< of a classifier: one row for each of the classes, in the labels' order
};

/// Ops that compute nothing and describe a network: its parameters, its named outputs, and its multiply-adds
/// per face. Shapes are those of one face: the batch dimension n of other ops is 1 here.
///
/// This class also documents the contract of the ops; GraphOps and TorchOps have the same members, which the
/// concept Executor (executor.h) checks.
class SpecOps {
 public:
  using Value = Shape;

  /// Largest side of a chip or a view, in pixels; anything larger is considered a mistake.
  static constexpr int kLargestSide = 4096;

  /// The network's input: chips [n, 3, size, size], RGB, 0 to 255.
  Value chip(int size);

  /// A constant of the given shape, the same for every face: [1, ...].
  Value constant(const Shape& shape, const std::vector<float>& values);

  /// Normalises x [n, 3, h, w] or, if it is grey already, [n, 1, h, w] -> [n, 3, h, w].
  Value normalize(const Value& x, const NormalizeOptions& options);

  /// The luma of chips: [n, 3, h, w] -> [n, 1, h, w].
  Value luma(const Value& x);

  /// Cuts k views out of every chip: [n, c, h, w] and affines [n, k, 2, 3] (or [1, k, 2, 3], the same for
  /// all) -> [n k, c, size, size], the views of a face next to each other. An affine maps a point of the view
  /// to a point of the chip, both in fractions: (0, 0) the upper left, (1, 1) the lower right corner.
  /// Bilinear, half-pixel centres, borders repeated (Jaderberg et al., NIPS 2015). Always in f32.
  Value views(const Value& chip, const Value& affines, int size);

  /// Like `views`, but cut from a feature map [n, c, h, w] of the result of `views`; coordinates are
  /// fractions of that view.
  Value regions(const Value& map, const Value& affines, int size) { return views(map, affines, size); }

  /// The whole face, then random regions of the chip: [1 or n, 1 + count, 2, 3]. In training they are sampled
  /// for every face; otherwise once, from the seed, for all faces.
  Value random_regions(const RandomRegions& options);

  /// Positions of the eyes, the nose and the corners of the mouth, in fractions of the chip: [n, 5, 2].
  Value landmarks() { return {1, 5, 2}; }

  /// The whole face, then squares around points, clipped to the chip: points [n, m, 2], sides 2 half_side ->
  /// affines [n, 1 + m, 2, 3].
  Value squares_around(const Value& points, float half_side);

  /// Squares inside the image for any x [n, 3], by its sigmoids u: u_0 sets the side between the two given
  /// ones, u_1 and u_2 the horizontal and vertical position as fractions of the remaining room. Affines [n,
  /// 2, 3], in f32.
  Value squares_within(const Value& x, float smallest, float largest);

  /// Views of views: inner [n, k, 2, 3], relative to outer [1 or n, k, 2, 3] -> [n, k, 2, 3].
  Value compose(const Value& outer, const Value& inner);

  /// Soft-argmax of each channel: the mean position in fractions of the map, weighted by the softmax over the
  /// map (Levine et al., JMLR 2016, section 5.1). [n, c, h, w] -> [n, c, 2], x and y, in f32.
  Value soft_argmax(const Value& x);

  /// The views of affines [n, k, 2, 3], then the same views flipped: [n, 2 k, 2, 3].
  Value with_mirrored(const Value& affines);

  /// Parameters NAME.weight [out, in / groups, kernel, kernel], NAME.bias [out] if asked for.
  Value conv2d(const std::string& name, const Value& x, const Conv2dOptions& options);

  /// Batch norm and the activation after it. Parameters NAME.weight, NAME.bias, buffers NAME.running_mean,
  /// NAME.running_var, each [c].
  Value batch_norm(const std::string& name, const Value& x, Activation activation = Activation::none,
                   float epsilon = 1e-3f);

  Value relu(const Value& x) { return x; }
  Value relu6(const Value& x) { return x; }

  /// PReLU: x if positive, else x times a learned slope per channel (He et al., ICCV 2015). x [n, c, h, w];
  /// parameter NAME.weight [c].
  Value prelu(const std::string& name, const Value& x);

  Value sigmoid(const Value& x) { return x; }

  /// Over the last axis, in f32.
  Value softmax(const Value& x) { return x; }

  /// Zeroes values with probability p in training, scaling up the rest; nothing otherwise.
  Value dropout(const Value& x, float probability);

  /// Global average pooling, [n, c, h, w] -> [n, c], in f32 from here on.
  Value global_average_pool(const Value& x);

  /// [n, c, h, w] -> [n, c, h', w'], max pooling with a square window. `padding`, at most half the window, is
  /// ignored by the maximum.
  Value max_pool(const Value& x, int kernel, int stride, int padding = 0);

  /// [n, c, h, w] -> [n, c h w], in f32 from here on.
  Value flatten(const Value& x);

  /// The sum of two values of one shape.
  Value add(const Value& a, const Value& b);

  /// [..., in] -> [..., out]; parameters NAME.weight [out, in], initialised as stated, and NAME.bias [out]
  /// unless `bias` is false.
  Value linear(const std::string& name, const Value& x, int out, bool bias = true,
               Initializer initializer = Initializer::fan_in);

  /// A linear layer with bias whose outputs are the classes: the rows of its parameters belong to labels, and
  /// can be matched by name with another model's.
  Value classifier(const std::string& name, const Value& x, int classes);

  /// [n k, ...] -> [n, k, ...]: groups the views of each face.
  Value split_views(const Value& x, int views);

  /// [n, k, d] -> [n, d], the mean over a face's views.
  Value mean_of_views(const Value& x);

  /// w / sum(w) over the last axis: [n, k] -> [n, k].
  Value normalized_weights(const Value& weights) { return weights; }

  /// sum(w x) / sum(w) over a face's views: x [n, k, d], weights [n, k] -> [n, d].
  Value weighted_mean(const Value& x, const Value& weights);

  /// Appends the same values to every view: x [n, k, d], y [n, e] -> [n, k, d + e].
  Value append_to_views(const Value& x, const Value& y);

  /// [n, k, d] -> [n, k d], the values of all views, concatenated.
  Value concat_views(const Value& x);

  /// Concatenates views: several [n, k, ...] -> [n, sum of k, ...]. A constant is the same for every face.
  Value join_views(const std::vector<Value>& parts);

  /// Several [n, d] -> [n, sum of d].
  Value concat(const std::vector<Value>& parts);

  /// [n, k, ...] -> [n, ...], a single view.
  Value pick_view(const Value& x, int view);

  /// [n, k, ...] -> [n, m, ...], the listed views, in the order of the list.
  Value keep_views(const Value& x, const std::vector<int>& views);

  /// In training, sets weights of views [n, k] to 0 with probability p, but never all weights of a face.
  Value drop_views(const Value& weights, float probability);

  /// Rolls over the batch, [n, ...] -> [n, ...]: every face gets the values of the next one, the last face
  /// those of the first.
  Value roll_over_batch(const Value& x) { return x; }

  /// Sets all but the `count` largest of weights [n, k] to 0; ties are kept.
  Value keep_largest(const Value& weights, int count);

  /// The same values, without gradient.
  Value stop_gradient(const Value& x) { return x; }

  /// [..., 1] -> [...].
  Value squeeze(const Value& x);

  /// Element by element, of one shape.
  Value multiply(const Value& a, const Value& b);

  /// Natural logarithm, in f32.
  Value log(const Value& x) { return x; }

  Value scale(const Value& x, float factor);

  /// Names a result.
  void output(const std::string& name, const Value& x);

  /// Names an output that only losses use; graphs omit it, with everything that only it depends on.
  void training_output(const std::string& name, const Value& x);

  /// Runs a part of the network again with the same parameters: inside `part`, a known name refers to the
  /// existing parameter.
  template <class Part>
  auto again(Part&& part) {
    const bool before = std::exchange(again_, true);
    auto result = part();
    again_ = before;
    return result;
  }

  /// Runs a network inside another one: inside `part`, parameters and outputs are named SCOPE.NAME.
  template <class Part>
  auto within(const std::string& scope, Part&& part) {
    const auto before = std::exchange(scope_, scope_ + scope + ".");
    auto result = part();
    scope_ = before;
    return result;
  }

  /// What names begin with, see `within`.
  const std::string& scope() const { return scope_; }

  const std::vector<ParameterSpec>& parameters() const { return parameters_; }
  const std::vector<std::pair<std::string, Shape>>& outputs() const { return outputs_; }
  const std::vector<std::pair<std::string, Shape>>& training_outputs() const { return training_outputs_; }
  std::int64_t multiply_adds() const { return multiply_adds_; }

 private:
  void parameter(ParameterSpec spec);

  std::vector<ParameterSpec> parameters_;
  std::vector<std::pair<std::string, Shape>> outputs_, training_outputs_;
  std::int64_t multiply_adds_ = 0;
  bool again_ = false;
  std::string scope_;
};

/// The centres of a map's pixels in fractions of it, row by row: x and y, [h w, 2].
std::vector<float> places_of_pixels(std::int64_t height, std::int64_t width);

}  // namespace regard
