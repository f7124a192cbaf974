#include "train/torch/ops.h"

#include <algorithm>
#include <cstring>

#include "regard/core/error.h"
#include "regard/ops/executor.h"
#include "regard/region/views.h"
#include "train/torch/fused.h"

namespace regard {

static_assert(Executor<TorchOps>);

TorchWeights to_torch(const Weights& weights, const std::vector<ParameterSpec>& specs, at::Device device) {
  TorchWeights tensors;
  for (const auto& spec : specs) {
    const auto& weight = weights.at(spec.name);
    auto tensor = at::empty(weight.shape, at::kFloat);
    std::memcpy(tensor.data_ptr(), weight.values.data(), weight.values.size() * sizeof(float));
    if (weight.shape.size() == 4) tensor = tensor.contiguous(at::MemoryFormat::ChannelsLast);
    tensors[spec.name] = tensor.to(device).set_requires_grad(spec.trained);
  }
  return tensors;
}

Weights from_torch(const TorchWeights& weights) {
  Weights values;
  for (const auto& [name, tensor] : weights) {
    const auto host = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
    const float* begin = host.const_data_ptr<float>();
    values[name] = {host.sizes().vec(), std::vector<float>(begin, begin + host.numel())};
  }
  return values;
}

TorchOps::TorchOps(TorchWeights& weights, at::Tensor chips, Options options)
    : weights_(weights), chips_(std::move(chips)), options_(std::move(options)) {}

at::Tensor& TorchOps::weight(const std::string& plain_name) {
  const auto name = scope_ + plain_name;
  const auto found = weights_.find(name);
  if (found == weights_.end()) throw Error("network has no such parameter", name);
  return found->second;
}

TorchOps::Value TorchOps::chip(int size) {
  if (chips_.dim() != 4 || chips_.size(2) != size || chips_.size(3) != size)
    throw Error("chips have the wrong size", "chip", "[n, 1 or 3, " + std::to_string(size) + ", same]",
                to_string(chips_.sizes().vec()));
  return chips_.to(at::kFloat);
}

TorchOps::Value TorchOps::constant(const Shape& shape, const std::vector<float>& values) {
  return at::tensor(values, at::kFloat).view(shape).to(chips_.device());
}

TorchOps::Value TorchOps::luma(const Value& x) {
  if (x.size(1) == 1) return x;
  const auto shares = at::tensor({.299f, .587f, .114f}, x.options()).view({1, 3, 1, 1});
  return (x * shares).sum(1, /*keepdim=*/true);
}

TorchOps::Value TorchOps::normalize(const Value& x, const NormalizeOptions& options) {
  const auto channels = [&](const std::vector<float>& values) {
    return at::tensor(values, at::kFloat).view({1, 3, 1, 1}).to(x.device());
  };
  const auto seen = options.grey ? luma(x) : x;
  return ((seen - channels(options.mean)) / channels(options.std)).contiguous(at::MemoryFormat::ChannelsLast);
}

namespace {

/// Affines [n, k, 2, 3] as square matrices [n, k, 3, 3].
at::Tensor as_square(const at::Tensor& affines) {
  auto last = at::zeros({affines.size(0), affines.size(1), 1, 3}, affines.options());
  last.select(3, 2).fill_(1);
  return at::cat({affines, last}, 2);
}

/// The centres of a view's pixels as rows (u, v, 1), in fractions: [size * size, 3].
at::Tensor pixel_centres(int size, const at::TensorOptions& options) {
  const auto steps = (at::arange(size, options) + 0.5) / size;
  const auto u = steps.view({1, size}).expand({size, size}).reshape({-1});
  const auto v = steps.view({size, 1}).expand({size, size}).reshape({-1});
  return at::stack({u, v, at::ones_like(u)}, 1);
}

}  // namespace

TorchOps::Value TorchOps::views(const Value& chip, const Value& affines, int size) {
  if (!options_.frame.defined()) return regions(chip, affines, size);
  return regions(chip, at::matmul(options_.frame.unsqueeze(1), as_square(affines)), size);
}

TorchOps::Value TorchOps::regions(const Value& map, const Value& affines, int size) {
  const auto n = map.size(0), c = map.size(1), k = affines.size(1);
  const auto image = map.to(at::kFloat);
  const auto places = affines.expand({n, k, 2, 3});
  const auto centres = pixel_centres(size, image.options());
  // The views of a face lie below each other in one grid, so that the chip is not copied for each of them.
  const auto grid = at::matmul(centres, places.transpose(2, 3)).view({n, k * size, size, 2}) * 2 - 1;
  const auto stacked =
      at::grid_sampler_2d(image, grid, /*bilinear*/ 0, /*border*/ 1, /*align_corners=*/false);
  return stacked.reshape({n, c, k, size, size}).transpose(1, 2).reshape({n * k, c, size, size});
}

at::Tensor TorchOps::uniform(at::IntArrayRef shape) {
  return at::empty(shape, at::kFloat).uniform_(0, 1, options_.generator).to(chips_.device());
}

TorchOps::Value TorchOps::random_regions(const RandomRegions& options) {
  if (!options_.training) return constant_affines(*this, options.draw());
  const auto n = chips_.size(0), k = std::int64_t{options.count};
  const auto side = options.smallest + (options.largest - options.smallest) * uniform({n, k});
  const auto x = (1 - side) * uniform({n, k}), y = (1 - side) * uniform({n, k}), none = at::zeros_like(x);
  const auto drawn = at::stack({side, none, x, none, side, y}, 2).view({n, k, 2, 3});
  return at::cat({constant_affines(*this, {kWholeFace}).expand({n, 1, 2, 3}), drawn}, 1);
}

TorchOps::Value TorchOps::landmarks() {
  if (!options_.landmarks.defined()) throw Error("network looks around landmarks, and there are none");
  if (!options_.frame.defined()) return options_.landmarks;
  const auto turn = options_.frame.slice(2, 0, 2), shift = options_.frame.slice(2, 2, 3).transpose(1, 2);
  return at::matmul(options_.landmarks - shift, at::linalg_inv(turn).transpose(1, 2));
}

TorchOps::Value TorchOps::squares_around(const Value& points, float half_side) {
  const auto low = (points - half_side).clamp(0, 1), side = (points + half_side).clamp(0, 1) - low;
  const auto none = at::zeros_like(side.select(2, 0));
  const auto squares =
      at::stack({side.select(2, 0), none, low.select(2, 0), none, side.select(2, 1), low.select(2, 1)}, 2)
          .view({points.size(0), points.size(1), 2, 3});
  return at::cat({constant_affines(*this, {kWholeFace}).expand({points.size(0), 1, 2, 3}), squares}, 1);
}

TorchOps::Value TorchOps::squares_within(const Value& x, float smallest, float largest) {
  const auto u = at::sigmoid(x.to(at::kFloat));
  const auto side = smallest + (largest - smallest) * u.select(1, 0), room = 1 - side;
  const auto left = room * u.select(1, 1), top = room * u.select(1, 2), none = at::zeros_like(side);
  return at::stack({side, none, left, none, side, top}, 1).view({-1, 2, 3});
}

TorchOps::Value TorchOps::compose(const Value& outer, const Value& inner) {
  return at::matmul(outer, as_square(inner));
}

TorchOps::Value TorchOps::soft_argmax(const Value& x) {
  const auto h = x.size(2), w = x.size(3);
  return at::matmul(at::softmax(x.to(at::kFloat).flatten(2), -1),
                    constant({h * w, 2}, places_of_pixels(h, w)));
}

TorchOps::Value TorchOps::with_mirrored(const Value& affines) {
  const auto mirror = constant({3, 3}, {-1, 0, 1, 0, 1, 0, 0, 0, 1});
  return at::cat({affines, at::matmul(affines, mirror)}, 1);
}

namespace {

/// See BatchNormMode::reestimate.
void reestimate(const at::Tensor& x, at::Tensor& scale, at::Tensor& shift, at::Tensor& mean,
                at::Tensor& variance, float epsilon) {
  const at::NoGradGuard no_gradients;
  const auto values = x.detach().to(at::kFloat);
  const auto new_mean = values.mean({0, 2, 3});
  const auto new_variance = values.var({0, 2, 3}, /*unbiased=*/false);
  const auto factor = scale / (variance + epsilon).sqrt();
  shift += factor * (new_mean - mean);
  scale.copy_(factor * (new_variance + epsilon).sqrt());
  mean.copy_(new_mean);
  variance.copy_(new_variance);
}

/// Whether a memory-bound step on x has a form of its own (train/torch/fused.h).
bool in_one_pass(const at::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == at::kBFloat16;
}

}  // namespace

TorchOps::Value TorchOps::conv2d(const std::string& name, const Value& x, const Conv2dOptions& options) {
  const auto& padding = options.padding;
  const bool even = padding.top == padding.bottom && padding.left == padding.right;
  auto input = x.to(options_.precision);
  if (!even) input = padded(input, padding);
  const std::vector<std::int64_t> around =
      even ? std::vector<std::int64_t>{padding.top, padding.left} : std::vector<std::int64_t>{0, 0};
  const auto bias = options.bias ? weight(name + ".bias").to(options_.precision) : at::Tensor();
  return at::conv2d(input, weight(name + ".weight").to(options_.precision), bias, options.stride, around,
                    /*dilation=*/1, options.groups);
}

TorchOps::Value TorchOps::batch_norm(const std::string& name, const Value& x, Activation activation,
                                     float epsilon) {
  constexpr double kMomentum = 0.1;
  auto& scale = weight(name + ".weight");
  auto& shift = weight(name + ".bias");
  auto& mean = weight(name + ".running_mean");
  auto& variance = weight(name + ".running_var");
  if (options_.batch_norm == BatchNormMode::reestimate) reestimate(x, scale, shift, mean, variance, epsilon);
  const bool by_batch = options_.batch_norm == BatchNormMode::batch && scale.requires_grad();
  if (in_one_pass(x))
    return by_batch ? fused_batch_norm(x, scale, shift, mean, variance, kMomentum, epsilon, activation)
                    : fused_running_norm(x, scale, shift, mean, variance, epsilon, activation);
  const auto y = at::batch_norm(x, scale, shift, mean, variance, by_batch, kMomentum, epsilon,
                                /*cudnn_enabled=*/true);
  return activation == Activation::none ? y : activation == Activation::relu ? relu(y) : relu6(y);
}

TorchOps::Value TorchOps::relu(const Value& x) {
  return at::relu(x);
}

TorchOps::Value TorchOps::relu6(const Value& x) {
  return at::hardtanh(x, 0, 6);
}

TorchOps::Value TorchOps::prelu(const std::string& name, const Value& x) {
  const auto& slope = weight(name + ".weight");
  if (in_one_pass(x)) return fused_prelu(x, slope);
  return at::prelu(x, slope.to(x.scalar_type()));
}

TorchOps::Value TorchOps::sigmoid(const Value& x) {
  return at::sigmoid(x.to(at::kFloat));
}

TorchOps::Value TorchOps::softmax(const Value& x) {
  return at::softmax(x.to(at::kFloat), -1);
}

TorchOps::Value TorchOps::dropout(const Value& x, float probability) {
  if (!options_.training || probability == 0) return x;
  const auto kept = at::empty(x.sizes(), at::kFloat).bernoulli_(1 - probability, options_.generator);
  return x * (kept / (1 - probability)).to(x.device());
}

TorchOps::Value TorchOps::global_average_pool(const Value& x) {
  return at::mean(x, {2, 3}, /*keepdim=*/false, at::kFloat);
}

TorchOps::Value TorchOps::max_pool(const Value& x, int kernel, int stride, int padding) {
  return at::max_pool2d(x, kernel, stride, padding);
}

TorchOps::Value TorchOps::flatten(const Value& x) {
  return x.to(at::kFloat).flatten(1);
}

TorchOps::Value TorchOps::add(const Value& a, const Value& b) {
  return a + b;
}

TorchOps::Value TorchOps::linear(const std::string& name, const Value& x, int, bool bias, Initializer) {
  return at::linear(x.to(at::kFloat), weight(name + ".weight"), bias ? weight(name + ".bias") : at::Tensor());
}

TorchOps::Value TorchOps::split_views(const Value& x, int views) {
  return x.unflatten(0, at::IntArrayRef{-1, views});
}

TorchOps::Value TorchOps::mean_of_views(const Value& x) {
  return x.mean(1);
}

TorchOps::Value TorchOps::normalized_weights(const Value& weights) {
  return weights / weights.sum(-1, /*keepdim=*/true);
}

TorchOps::Value TorchOps::weighted_mean(const Value& x, const Value& weights) {
  return at::bmm(normalized_weights(weights).unsqueeze(1), x).squeeze(1);
}

TorchOps::Value TorchOps::append_to_views(const Value& x, const Value& y) {
  return at::cat({x, y.unsqueeze(1).expand({-1, x.size(1), -1})}, 2);
}

TorchOps::Value TorchOps::concat_views(const Value& x) {
  return x.reshape({x.size(0), -1});
}

TorchOps::Value TorchOps::join_views(const std::vector<Value>& parts) {
  std::int64_t n = 1;
  for (const auto& part : parts) n = std::max(n, part.size(0));
  std::vector<at::Tensor> all;
  for (const auto& part : parts) {
    auto sizes = part.sizes().vec();
    sizes[0] = n;
    all.push_back(part.expand(sizes));
  }
  return at::cat(all, 1);
}

TorchOps::Value TorchOps::concat(const std::vector<Value>& parts) {
  return at::cat(parts, 1);
}

TorchOps::Value TorchOps::pick_view(const Value& x, int view) {
  return x.select(1, view);
}

TorchOps::Value TorchOps::keep_views(const Value& x, const std::vector<int>& views) {
  const std::vector<std::int64_t> rows(views.begin(), views.end());
  return x.index_select(1, at::tensor(rows, at::kLong).to(x.device()));
}

TorchOps::Value TorchOps::drop_views(const Value& weights, float probability) {
  if (!options_.training || probability == 0) return weights;
  const auto drawn = uniform(weights.sizes());
  // One view of each face is always kept.
  const auto kept =
      at::logical_or(drawn >= probability, drawn >= std::get<0>(drawn.max(1, /*keepdim=*/true)));
  return weights * kept;
}

TorchOps::Value TorchOps::roll_over_batch(const Value& x) {
  return at::roll(x, -1, 0);
}

TorchOps::Value TorchOps::keep_largest(const Value& weights, int count) {
  const auto least = std::get<0>(weights.topk(count, 1)).narrow(1, count - 1, 1);
  return weights * (weights >= least);
}

TorchOps::Value TorchOps::stop_gradient(const Value& x) {
  return x.detach();
}

TorchOps::Value TorchOps::squeeze(const Value& x) {
  return x.squeeze(-1);
}

TorchOps::Value TorchOps::multiply(const Value& a, const Value& b) {
  return a * b;
}

TorchOps::Value TorchOps::log(const Value& x) {
  return at::log(x.to(at::kFloat));
}

TorchOps::Value TorchOps::scale(const Value& x, float factor) {
  return x * factor;
}

void TorchOps::output(const std::string& name, const Value& x) {
  outputs_[scope_ + name] = x;
}

const at::Tensor& TorchOps::output(const std::string& name) const {
  const auto found = outputs_.find(name);
  if (found == outputs_.end()) throw Error("network has no such output", name);
  return found->second;
}

}  // namespace regard
