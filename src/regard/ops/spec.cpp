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

/// How many places a square window has down and across a picture [n, c, h, w].
std::array<std::int64_t, 2> window_places(const Shape& x, const Padding& padding, int kernel, int stride,
                                          const std::string& op) {
  const auto height = x[2] + padding.top + padding.bottom, width = x[3] + padding.left + padding.right;
  if (height < kernel || width < kernel)
    throw Error("picture is smaller than the kernel", op, std::to_string(kernel), to_string(x));
  return {(height - kernel) / stride + 1, (width - kernel) / stride + 1};
}

/// Uniform in [0, 1) and the same everywhere, which the standard's distributions are not.
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
  if (options.mean.size() != 3 || options.deviation.size() != 3)
    throw Error("normalisation is not for three channels", "normalize", "3 means and 3 deviations");
  if (std::find(options.deviation.begin(), options.deviation.end(), 0) != options.deviation.end())
    throw Error("a deviation is zero", "normalize");
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

SpecOps::Value SpecOps::linear(const std::string& name, const Value& x, int out, bool bias) {
  if (x.empty()) throw Error("value has no axes", name);
  parameter({name + ".weight", {out, x.back()}, Initializer::fan_in});
  if (bias) parameter({name + ".bias", {out}, Initializer::zeros, true, false});
  multiply_adds_ += element_count(x) * out;
  Shape y = x;
  y.back() = out;
  return y;
}

SpecOps::Value SpecOps::split_views(const Value& x, int views) {
  expect_axes(x, 2, "split_views");
  if (views < 1 || x[0] % views)
    throw Error("rows are no multiple of the views", "split_views", std::to_string(views), to_string(x));
  return {x[0] / views, views, x[1]};
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

void SpecOps::output(const std::string& name, const Value& x) {
  const auto same = [&](const auto& output) { return output.first == name; };
  if (std::any_of(outputs_.begin(), outputs_.end(), same)) throw Error("output is named twice", name);
  outputs_.emplace_back(name, x);
}

void SpecOps::parameter(ParameterSpec spec) {
  const auto same = [&](const auto& other) { return other.name == spec.name; };
  if (std::any_of(parameters_.begin(), parameters_.end(), same))
    throw Error("parameter is named twice", spec.name);
  parameters_.push_back(std::move(spec));
}

}  // namespace regard
