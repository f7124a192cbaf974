#include "regard/ops/spec.h"

#include <algorithm>
#include <array>
#include <random>

#include "regard/core/error.h"

namespace regard {

namespace {

void expect_axes(const Shape& shape, std::size_t axes, const char* op) {
  if (shape.size() != axes)
    throw Error("value has the wrong number of axes", op, std::to_string(axes), to_string(shape));
}

void expect_side(int size, const char* op) {
  if (size < 1 || size > SpecOps::kLargestSide)
    throw Error("side is out of range", op, "1 to " + std::to_string(SpecOps::kLargestSide) + " pixels",
                std::to_string(size));
}

/// Output height and width of a square window over an image [n, c, h, w].
std::array<std::int64_t, 2> window_places(const Shape& x, const Padding& padding, int kernel, int stride,
                                          const std::string& op) {
  const auto height = x[2] + padding.top + padding.bottom, width = x[3] + padding.left + padding.right;
  if (height < kernel || width < kernel)
    throw Error("image is smaller than the kernel", op, std::to_string(kernel), to_string(x));
  return {(height - kernel) / stride + 1, (width - kernel) / stride + 1};
}

/// Uniform in [0, 1) and the same on every platform, unlike the standard's distributions.
double uniform(std::mt19937_64& generator) {
  return static_cast<double>(generator() >> 11) * 0x1p-53;
}

}  // namespace

std::vector<Affine> RandomRegions::draw() const {
  std::mt19937_64 generator(static_cast<std::uint64_t>(seed));
  std::vector<Affine> regions{Affine{}};
  for (int i = 0; i < count; ++i) {
    const double side = smallest + (largest - smallest) * uniform(generator);
    const double x = (1 - side) * uniform(generator), y = (1 - side) * uniform(generator);
    const auto a = static_cast<float>(side);
    regions.push_back({{a, 0, static_cast<float>(x), 0, a, static_cast<float>(y)}});
  }
  return regions;
}

SpecOps::Value SpecOps::chip(int size) {
  expect_side(size, "chip");
  return {1, 3, size, size};
}

SpecOps::Value SpecOps::constant(const Shape& shape, const std::vector<float>& values) {
  if (element_count(shape) != static_cast<std::int64_t>(values.size()))
    throw Error("constant has the wrong length", "constant", to_string(shape), std::to_string(values.size()));
  return shape;
}

SpecOps::Value SpecOps::normalize(const Value& x, const NormalizeOptions& options) {
  expect_axes(x, 4, "normalize");
  if (options.mean.size() != 3 || options.std.size() != 3)
    throw Error("normalisation is not for three channels", "normalize", "3 means and 3 stds");
  if (std::find(options.std.begin(), options.std.end(), 0) != options.std.end())
    throw Error("a std is zero", "normalize");
  return {x[0], 3, x[2], x[3]};
}

SpecOps::Value SpecOps::luma(const Value& x) {
  expect_axes(x, 4, "luma");
  return {x[0], 1, x[2], x[3]};
}

SpecOps::Value SpecOps::views(const Value& chip, const Value& affines, int size) {
  expect_axes(chip, 4, "views");
  expect_side(size, "views");
  if (affines.size() != 4 || affines[2] != 2 || affines[3] != 3)
    throw Error("affines have the wrong shape", "views", "[n, k, 2, 3]", to_string(affines));
  return {chip[0] * affines[1], chip[1], size, size};
}

SpecOps::Value SpecOps::random_regions(const RandomRegions& options) {
  if (options.count < 1)
    throw Error("there are too few regions", "random_regions", "1 or more", std::to_string(options.count));
  if (!(options.smallest > 0 && options.smallest <= options.largest && options.largest <= 1))
    throw Error("sizes of regions are out of range", "random_regions", "0 < smallest <= largest <= 1",
                std::to_string(options.smallest) + " and " + std::to_string(options.largest));
  return {1, 1 + options.count, 2, 3};
}

SpecOps::Value SpecOps::squares_around(const Value& points, float half_side) {
  expect_axes(points, 3, "squares_around");
  if (!(half_side > 0))
    throw Error("square has no size", "squares_around", "above 0", std::to_string(half_side));
  return {points[0], 1 + points[1], 2, 3};
}

SpecOps::Value SpecOps::squares_within(const Value& x, float smallest, float largest) {
  expect_axes(x, 2, "squares_within");
  if (x[1] != 3) throw Error("a square takes three numbers", "squares_within", "[n, 3]", to_string(x));
  if (!(smallest > 0 && smallest <= largest && largest <= 1))
    throw Error("sides of squares are out of range", "squares_within", "0 < smallest <= largest <= 1",
                std::to_string(smallest) + " and " + std::to_string(largest));
  return {x[0], 2, 3};
}

SpecOps::Value SpecOps::compose(const Value& outer, const Value& inner) {
  expect_axes(inner, 4, "compose");
  if (outer != inner)
    throw Error("affines are not those of the same views", "compose", to_string(inner), to_string(outer));
  return inner;
}

SpecOps::Value SpecOps::soft_argmax(const Value& x) {
  expect_axes(x, 4, "soft_argmax");
  return {x[0], x[1], 2};
}

SpecOps::Value SpecOps::with_mirrored(const Value& affines) {
  expect_axes(affines, 4, "with_mirrored");
  return {affines[0], 2 * affines[1], 2, 3};
}

SpecOps::Value SpecOps::conv2d(const std::string& name, const Value& x, const Conv2dOptions& options) {
  expect_axes(x, 4, name.c_str());
  const auto& [out, kernel, stride, padding, groups, bias] = options;
  if (groups < 1 || x[1] % groups || out % groups)
    throw Error("channels are no multiple of the groups", name, std::to_string(groups), to_string(x));
  const std::int64_t in = x[1] / groups;
  parameter({name + ".weight", {out, in, kernel, kernel}, Initializer::he});
  if (bias) parameter({name + ".bias", {out}, Initializer::zeros, true, false});
  const auto places = window_places(x, padding, kernel, stride, name);
  const Shape y{x[0], out, places[0], places[1]};
  multiply_adds_ += element_count(y) * in * kernel * kernel;
  return y;
}

SpecOps::Value SpecOps::batch_norm(const std::string& name, const Value& x, Activation, float) {
  expect_axes(x, 4, name.c_str());
  parameter({name + ".weight", {x[1]}, Initializer::ones, true, false});
  parameter({name + ".bias", {x[1]}, Initializer::zeros, true, false});
  parameter({name + ".running_mean", {x[1]}, Initializer::zeros, false, false});
  parameter({name + ".running_var", {x[1]}, Initializer::ones, false, false});
  return x;
}

SpecOps::Value SpecOps::prelu(const std::string& name, const Value& x) {
  expect_axes(x, 4, name.c_str());
  parameter({name + ".weight", {x[1]}, Initializer::quarter, true, false});
  return x;
}

SpecOps::Value SpecOps::dropout(const Value& x, float probability) {
  if (!(probability >= 0 && probability < 1))
    throw Error("probability is out of range", "dropout", "0 to below 1", std::to_string(probability));
  return x;
}

SpecOps::Value SpecOps::global_average_pool(const Value& x) {
  expect_axes(x, 4, "global_average_pool");
  return {x[0], x[1]};
}

SpecOps::Value SpecOps::max_pool(const Value& x, int kernel, int stride, int padding) {
  expect_axes(x, 4, "max_pool");
  if (kernel < 1 || stride < 1 || padding < 0 || padding > kernel / 2)
    throw Error("window is out of range", "max_pool", "padding of at most half the kernel");
  const auto places = window_places(x, Padding::all(padding), kernel, stride, "max_pool");
  return {x[0], x[1], places[0], places[1]};
}

SpecOps::Value SpecOps::flatten(const Value& x) {
  expect_axes(x, 4, "flatten");
  return {x[0], x[1] * x[2] * x[3]};
}

SpecOps::Value SpecOps::add(const Value& a, const Value& b) {
  if (a != b) throw Error("values have different shapes", "add", to_string(a), to_string(b));
  return a;
}

SpecOps::Value SpecOps::linear(const std::string& name, const Value& x, int out, bool bias,
                               Initializer initializer) {
  if (x.empty()) throw Error("value has no axes", name);
  parameter({name + ".weight", {out, x.back()}, initializer});
  if (bias) parameter({name + ".bias", {out}, Initializer::zeros, true, false});
  multiply_adds_ += element_count(x) * out;
  Shape y = x;
  y.back() = out;
  return y;
}

SpecOps::Value SpecOps::split_views(const Value& x, int views) {
  if (x.size() < 2 || views < 1 || x[0] % views)
    throw Error("rows are no multiple of the views", "split_views", std::to_string(views), to_string(x));
  Shape y = x;
  y[0] /= views;
  y.insert(y.begin() + 1, views);
  return y;
}

SpecOps::Value SpecOps::mean_of_views(const Value& x) {
  expect_axes(x, 3, "mean_of_views");
  return {x[0], x[2]};
}

SpecOps::Value SpecOps::weighted_mean(const Value& x, const Value& weights) {
  expect_axes(x, 3, "weighted_mean");
  if (weights != Shape{x[0], x[1]})
    throw Error("weights are not those of the views", "weighted_mean", to_string({x[0], x[1]}),
                to_string(weights));
  return {x[0], x[2]};
}

SpecOps::Value SpecOps::append_to_views(const Value& x, const Value& y) {
  expect_axes(x, 3, "append_to_views");
  expect_axes(y, 2, "append_to_views");
  return {x[0], x[1], x[2] + y[1]};
}

SpecOps::Value SpecOps::concat_views(const Value& x) {
  expect_axes(x, 3, "concat_views");
  return {x[0], x[1] * x[2]};
}

namespace {

/// Concatenates values along axis 1; the other sizes must be equal.
Shape joined(const std::vector<Shape>& parts, const char* op) {
  if (parts.empty()) throw Error("there is nothing to put together", op);
  Shape y = parts[0];
  for (auto part = parts.begin() + 1; part != parts.end(); ++part) {
    Shape same = *part;
    if (same.size() > 1 && y.size() > 1) same[1] = y[1];
    if (same != y) throw Error("parts do not fit together", op, to_string(parts[0]), to_string(*part));
    y[1] += part->at(1);
  }
  return y;
}

}  // namespace

SpecOps::Value SpecOps::join_views(const std::vector<Value>& parts) {
  for (const auto& part : parts)
    if (part.size() < 2) expect_axes(part, 2, "join_views");
  return joined(parts, "join_views");
}

SpecOps::Value SpecOps::concat(const std::vector<Value>& parts) {
  for (const auto& part : parts) expect_axes(part, 2, "concat");
  return joined(parts, "concat");
}

SpecOps::Value SpecOps::keep_largest(const Value& weights, int count) {
  expect_axes(weights, 2, "keep_largest");
  if (count < 1 || count > weights[1])
    throw Error("there are not so many weights", "keep_largest", "1 to " + std::to_string(weights[1]),
                std::to_string(count));
  return weights;
}

SpecOps::Value SpecOps::pick_view(const Value& x, int view) {
  if (x.size() < 2 || view < 0 || view >= x[1])
    throw Error("there is no such view", "pick_view", to_string(x), std::to_string(view));
  Shape y = x;
  y.erase(y.begin() + 1);
  return y;
}

SpecOps::Value SpecOps::keep_views(const Value& x, const std::vector<int>& views) {
  for (const int view : views) pick_view(x, view);
  Shape y = x;
  y[1] = static_cast<std::int64_t>(views.size());
  return y;
}

SpecOps::Value SpecOps::drop_views(const Value& weights, float probability) {
  expect_axes(weights, 2, "drop_views");
  return dropout(weights, probability);
}

SpecOps::Value SpecOps::squeeze(const Value& x) {
  if (x.empty() || x.back() != 1) throw Error("last axis is not 1", "squeeze", "[..., 1]", to_string(x));
  return {x.begin(), x.end() - 1};
}

SpecOps::Value SpecOps::multiply(const Value& a, const Value& b) {
  if (a != b) throw Error("factors have different shapes", "multiply", to_string(a), to_string(b));
  return a;
}

SpecOps::Value SpecOps::scale(const Value& x, float) {
  return x;
}

void SpecOps::output(const std::string& plain_name, const Value& x) {
  const auto name = scope_ + plain_name;
  const auto same = [&](const auto& output) { return output.first == name; };
  if (std::any_of(outputs_.begin(), outputs_.end(), same)) throw Error("output is named twice", name);
  outputs_.emplace_back(name, x);
}

void SpecOps::training_output(const std::string& plain_name, const Value& x) {
  training_outputs_.emplace_back(scope_ + plain_name, x);
}

SpecOps::Value SpecOps::classifier(const std::string& name, const Value& x, int classes) {
  const auto y = linear(name, x, classes);
  const auto layer = scope_ + name;
  for (auto& spec : parameters_)
    if (spec.name == layer + ".weight" || spec.name == layer + ".bias") spec.per_class = true;
  return y;
}

void SpecOps::parameter(ParameterSpec spec) {
  spec.name = scope_ + spec.name;
  const auto same = [&](const auto& other) { return other.name == spec.name; };
  const auto found = std::find_if(parameters_.begin(), parameters_.end(), same);
  if (found == parameters_.end()) {
    parameters_.push_back(std::move(spec));
    return;
  }
  if (!again_) throw Error("parameter is named twice", spec.name);
  if (found->shape != spec.shape)
    throw Error("parameter is used again with another shape", spec.name, to_string(found->shape),
                to_string(spec.shape));
}

std::vector<float> places_of_pixels(std::int64_t height, std::int64_t width) {
  std::vector<float> places;
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      places.push_back((static_cast<float>(x) + .5f) / static_cast<float>(width));
      places.push_back((static_cast<float>(y) + .5f) / static_cast<float>(height));
    }
  return places;
}

}  // namespace regard
