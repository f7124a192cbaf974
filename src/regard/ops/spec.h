#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/tensor.h"

namespace regard {

/// A value that flows through a network: what it is, the ops decide (a shape, a graph's edge, a tensor).
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

/// What follows a batch norm at once.
enum class Activation { none, relu, relu6 };

/// What a network sees of the chip's values (0 to 255): its luma (ITU-R BT.601) in all three channels where
/// `grey`, then (x - mean) / std, channel by channel.
struct NormalizeOptions {
  bool grey = false;
  std::vector<float> mean{0, 0, 0};
  std::vector<float> std{255, 255, 255};

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("grey", grey, "look at the luma only, so that colour cannot matter");
    visit("mean", mean, "subtracted from red, green, blue (0-255)");
    visit("std", std, "what red, green, blue are divided by then");
  }
};

/// Square regions of random size and place (Wang et al., IEEE TIP 2020, section III-A).
struct RandomRegions {
  int count = 3;
  float smallest = .70f, largest = .95f;  ///< sides, in fractions of the chip
  std::int64_t seed = 1;

  /// The whole face and `count` regions, from the seed.
  std::vector<Affine> draw() const;
};

/// How a parameter starts: he (normal, variance 2 / fan-in, He et al. 2015), fan_in (uniform within
/// 1 / sqrt(fan-in)), zeros, ones, quarter (.25: PReLU, He et al., ICCV 2015).
enum class Initializer { he, fan_in, zeros, ones, quarter };

/// One parameter or buffer of a network.
struct ParameterSpec {
  std::string name;
  Shape shape;
  Initializer initializer = Initializer::zeros;
  bool trained = true;     ///< false: a buffer (running mean, running variance), outside of gradients
  bool decayed = true;     ///< whether weight decay shrinks it: matrices and kernels, not biases and norms
  bool per_class = false;  ///< of a classifier: one row for each of the classes, in the labels' order
};

/// Ops that compute nothing and list what a network is made of: its parameters, its named outputs, the
/// multiply-adds of one face. Shapes are those of one face: where other ops have a free batch n, here n = 1.
///
/// This is also where the ops' contract is written down; GraphOps and TorchOps supply the same members, which
/// the concept Executor (executor.h) checks.
class SpecOps {
 public:
  using Value = Shape;

  /// Of a chip or a view, in pixels; a size beyond it is taken for a mistake.
  static constexpr int kLargestSide = 4096;

  /// The network's input: chips [n, 3, size, size], RGB, 0 to 255.
  Value chip(int size);

  /// A constant of the given shape, the same for every face: [1, ...].
  Value constant(const Shape& shape, const std::vector<float>& values);

  /// Normalised values of x [n, 3, h, w] or, where they are grey already, [n, 1, h, w] -> [n, 3, h, w].
  Value normalize(const Value& x, const NormalizeOptions& options);

  /// The luma of chips: [n, 3, h, w] -> [n, 1, h, w].
  Value luma(const Value& x);

  /// Cuts k views out of every chip: [n, c, h, w] and affines [n, k, 2, 3] (or [1, k, 2, 3], the same for
  /// all)
  /// -> [n k, c, size, size], the views of a face side by side. An affine takes a place in the view to the
  /// place in the chip, both in fractions: (0, 0) the upper left, (1, 1) the lower right corner. Bilinear,
  /// half-pixel centres, border repeated (Jaderberg et al., NIPS 2015). Always in f32.
  Value views(const Value& chip, const Value& affines, int size);

  /// As `views`, out of a map of features [n, c, h, w] of what `views` gave, so that the places are in
  /// fractions of that view.
  Value regions(const Value& map, const Value& affines, int size) { return views(map, affines, size); }

  /// The whole face first, then regions anywhere in the chip: [1 or n, 1 + count, 2, 3]. In training they are
  /// drawn for every face anew; otherwise once, from the seed, for all faces.
  Value random_regions(const RandomRegions& options);

  /// Where the eyes, the nose and the corners of the mouth are, in fractions of the chip: [n, 5, 2].
  Value landmarks() { return {1, 5, 2}; }

  /// Squares about points, less what lies beyond the chip, behind the whole face: points [n, m, 2], sides
  /// 2 half_side -> affines [n, 1 + m, 2, 3].
  Value squares_around(const Value& points, float half_side);

  /// Square parts of an image, whatever x [n, 3] is: from its sigmoids u, the side, between both given ones
  /// by u_0, then the share of the room left of and above the square, u_1 and u_2. Affines [n, 2, 3], in f32.
  Value squares_within(const Value& x, float smallest, float largest);

  /// Views of views: inner [n, k, 2, 3], places in what outer [1 or n, k, 2, 3] cuts -> [n, k, 2, 3].
  Value compose(const Value& outer, const Value& inner);

  /// Where the values of each map lie on average: the mean place in fractions of the map, weighted by the
  /// softmax over the map (Levine et al., JMLR 2016, section 5.1). [n, c, h, w] -> [n, c, 2], x and y, in
  /// f32.
  Value soft_argmax(const Value& x);

  /// The views of affines [n, k, 2, 3], then the same views mirrored: [n, 2 k, 2, 3].
  Value with_mirrored(const Value& affines);

  /// Parameters NAME.weight [out, in / groups, kernel, kernel], NAME.bias [out] if asked for.
  Value conv2d(const std::string& name, const Value& x, const Conv2dOptions& options);

  /// Batch norm and what follows it at once. Parameters NAME.weight, NAME.bias, buffers NAME.running_mean,
  /// NAME.running_var, each [c].
  Value batch_norm(const std::string& name, const Value& x, Activation activation = Activation::none,
                   float epsilon = 1e-3f);

  Value relu(const Value& x) { return x; }
  Value relu6(const Value& x) { return x; }

  /// x where it is positive, else x times a learned slope, one a channel (He et al., ICCV 2015). x [n, c, h,
  /// w]; parameter NAME.weight [c].
  Value prelu(const std::string& name, const Value& x);

  Value sigmoid(const Value& x) { return x; }

  /// Over the last axis, in f32.
  Value softmax(const Value& x) { return x; }

  /// Zeroes values with probability p in training, scaling up the rest; nothing otherwise.
  Value dropout(const Value& x, float probability);

  /// [n, c, h, w] -> [n, c], the mean over the image, in f32 from here on.
  Value global_average_pool(const Value& x);

  /// [n, c, h, w] -> [n, c, h', w'], the largest value under each place of a square window. `padding`, at
  /// most half the window, surrounds the image with places that never win.
  Value max_pool(const Value& x, int kernel, int stride, int padding = 0);

  /// [n, c, h, w] -> [n, c h w], in f32 from here on.
  Value flatten(const Value& x);

  /// The sum of two values of one shape.
  Value add(const Value& a, const Value& b);

  /// [..., in] -> [..., out]; parameters NAME.weight [out, in], which starts as told, NAME.bias [out] unless
  /// there is none.
  Value linear(const std::string& name, const Value& x, int out, bool bias = true,
               Initializer initializer = Initializer::fan_in);

  /// A linear layer with bias whose outputs are the classes: its parameters' rows belong to labels, by whose
  /// names they can be matched with another model's.
  Value classifier(const std::string& name, const Value& x, int classes);

  /// [n k, ...] -> [n, k, ...]: puts the views of a face together again.
  Value split_views(const Value& x, int views);

  /// [n, k, d] -> [n, d], the mean over a face's views.
  Value mean_of_views(const Value& x);

  /// w / sum(w) over the last axis: [n, k] -> [n, k].
  Value normalized_weights(const Value& weights) { return weights; }

  /// sum(w x) / sum(w) over a face's views: x [n, k, d], weights [n, k] -> [n, d].
  Value weighted_mean(const Value& x, const Value& weights);

  /// Puts the same values behind those of every view: x [n, k, d], y [n, e] -> [n, k, d + e].
  Value append_to_views(const Value& x, const Value& y);

  /// [n, k, d] -> [n, k d], the views' values behind each other.
  Value concat_views(const Value& x);

  /// Views behind each other: several [n, k, ...] -> [n, sum of k, ...]. A constant is the same for every
  /// face.
  Value join_views(const std::vector<Value>& parts);

  /// Several [n, d] -> [n, sum of d].
  Value concat(const std::vector<Value>& parts);

  /// [n, k, ...] -> [n, ...], one view alone.
  Value pick_view(const Value& x, int view);

  /// [n, k, ...] -> [n, m, ...], those of the views that are listed, in the list's order.
  Value keep_views(const Value& x, const std::vector<int>& views);

  /// Sets weights of views [n, k] to 0 with probability p in training, never all of a face; nothing
  /// otherwise.
  Value drop_views(const Value& weights, float probability);

  /// [n, ...] -> [n, ...]: to every face what the next one in its batch has, to the last what the first has.
  Value roll_over_batch(const Value& x) { return x; }

  /// All but the `count` largest of weights [n, k] set to 0; of equal ones all stay.
  Value keep_largest(const Value& weights, int count);

  /// The same values, which let no gradient through.
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

  /// Names what only a loss wants; graphs leave it out, and what leads to nothing else with it.
  void training_output(const std::string& name, const Value& x);

  /// Runs a part of the network again, over the same parameters: within `part` a name that is known already
  /// stands for the same parameter.
  template <class Part>
  auto again(Part&& part) {
    const bool before = std::exchange(again_, true);
    auto result = part();
    again_ = before;
    return result;
  }

  /// Runs a network inside of another one: within `part`, parameters and outputs are called SCOPE.NAME.
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
