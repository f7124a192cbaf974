#pragma once

#include <concepts>
#include <string>
#include <vector>

#include "regard/ops/spec.h"

namespace regard {

/// The argument types that the concept Executor passes to ops.
namespace executor_probe {

template <class Ops>
struct Part {
  Value<Ops> operator()() const;
};

}  // namespace executor_probe

/// An executor of networks: it has every op of SpecOps, whose comments are the contract, with the same
/// parameters, and its own values instead of shapes. Each executor asserts this.
template <class T>
concept Executor = requires(T& ops, const Value<T>& x, const std::vector<Value<T>>& several,
                            const std::string& name, const Shape& shape, const std::vector<float>& numbers,
                            const std::vector<int>& places) {
  // The chip and what is cut out of it.
  { ops.chip(1) } -> std::same_as<Value<T>>;
  { ops.constant(shape, numbers) } -> std::same_as<Value<T>>;
  { ops.luma(x) } -> std::same_as<Value<T>>;
  { ops.normalize(x, NormalizeOptions{}) } -> std::same_as<Value<T>>;
  { ops.views(x, x, 1) } -> std::same_as<Value<T>>;
  { ops.regions(x, x, 1) } -> std::same_as<Value<T>>;
  // Where to cut.
  { ops.random_regions(RandomRegions{}) } -> std::same_as<Value<T>>;
  { ops.landmarks() } -> std::same_as<Value<T>>;
  { ops.squares_around(x, 1.f) } -> std::same_as<Value<T>>;
  { ops.squares_within(x, 0.f, 1.f) } -> std::same_as<Value<T>>;
  { ops.compose(x, x) } -> std::same_as<Value<T>>;
  { ops.soft_argmax(x) } -> std::same_as<Value<T>>;
  { ops.with_mirrored(x) } -> std::same_as<Value<T>>;
  // Layers.
  { ops.conv2d(name, x, Conv2dOptions{}) } -> std::same_as<Value<T>>;
  { ops.batch_norm(name, x) } -> std::same_as<Value<T>>;
  { ops.batch_norm(name, x, Activation::relu, 1e-5f) } -> std::same_as<Value<T>>;
  { ops.prelu(name, x) } -> std::same_as<Value<T>>;
  { ops.linear(name, x, 1) } -> std::same_as<Value<T>>;
  { ops.linear(name, x, 1, false, Initializer::zeros) } -> std::same_as<Value<T>>;
  { ops.classifier(name, x, 1) } -> std::same_as<Value<T>>;
  // Without parameters.
  { ops.relu(x) } -> std::same_as<Value<T>>;
  { ops.relu6(x) } -> std::same_as<Value<T>>;
  { ops.sigmoid(x) } -> std::same_as<Value<T>>;
  { ops.softmax(x) } -> std::same_as<Value<T>>;
  { ops.log(x) } -> std::same_as<Value<T>>;
  { ops.dropout(x, .5f) } -> std::same_as<Value<T>>;
  { ops.global_average_pool(x) } -> std::same_as<Value<T>>;
  { ops.max_pool(x, 2, 2) } -> std::same_as<Value<T>>;
  { ops.max_pool(x, 3, 2, 1) } -> std::same_as<Value<T>>;
  { ops.flatten(x) } -> std::same_as<Value<T>>;
  { ops.add(x, x) } -> std::same_as<Value<T>>;
  { ops.multiply(x, x) } -> std::same_as<Value<T>>;
  { ops.scale(x, 1.f) } -> std::same_as<Value<T>>;
  { ops.squeeze(x) } -> std::same_as<Value<T>>;
  { ops.concat(several) } -> std::same_as<Value<T>>;
  { ops.stop_gradient(x) } -> std::same_as<Value<T>>;
  { ops.roll_over_batch(x) } -> std::same_as<Value<T>>;
  // A face's views.
  { ops.split_views(x, 1) } -> std::same_as<Value<T>>;
  { ops.mean_of_views(x) } -> std::same_as<Value<T>>;
  { ops.normalized_weights(x) } -> std::same_as<Value<T>>;
  { ops.weighted_mean(x, x) } -> std::same_as<Value<T>>;
  { ops.append_to_views(x, x) } -> std::same_as<Value<T>>;
  { ops.concat_views(x) } -> std::same_as<Value<T>>;
  { ops.join_views(several) } -> std::same_as<Value<T>>;
  { ops.pick_view(x, 0) } -> std::same_as<Value<T>>;
  { ops.keep_views(x, places) } -> std::same_as<Value<T>>;
  { ops.drop_views(x, .5f) } -> std::same_as<Value<T>>;
  { ops.keep_largest(x, 1) } -> std::same_as<Value<T>>;
  // Structure and results.
  { ops.again(executor_probe::Part<T>{}) } -> std::same_as<Value<T>>;
  { ops.within(name, executor_probe::Part<T>{}) } -> std::same_as<Value<T>>;
  { ops.output(name, x) } -> std::same_as<void>;
  { ops.training_output(name, x) } -> std::same_as<void>;
};

static_assert(Executor<SpecOps>);

}  // namespace regard
