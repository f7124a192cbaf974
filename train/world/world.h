#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <vector>

namespace c10d {
class Reducer;
}

namespace regard {

/// The processes that train a network together, of which this is one. Tensors are on the CPU. Every process
/// must make the same calls in the same order; they wait for each other.
class World {
 public:
  /// This process alone: nothing is ever sent.
  World() = default;

  /// The world that the environment describes, as `torchrun` does: RANK, WORLD_SIZE, MASTER_ADDR and
  /// MASTER_PORT; without WORLD_SIZE or with 1, this process alone. Returns when all processes have met and
  /// agree on the sum of known numbers. Throws Error for wrong variables, if the others do not come, and for
  /// more than one process in a build without Gloo.
  static World from_environment();

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_first() const { return rank_ == 0; }

  /// Replaces f32 tensors, the same ones in every process, by their means over all processes.
  void average(const std::vector<at::Tensor>& tensors) const;

  /// Replaces tensors, the same ones in every process, by those of the first process.
  void copy_from_first(const std::vector<at::Tensor>& tensors) const;

  /// Whether tensors, the same ones in every process, are equal to the last bit in all of them.
  bool agrees(const std::vector<at::Tensor>& tensors) const;

  /// Whether `value` is true in any process.
  bool any(bool value) const;

 private:
  friend class GradientAverage;
  struct Link;

  int rank_ = 0, size_ = 1;
  std::shared_ptr<Link> link_;
};

/// Replaces gradients by their means over all processes, each as soon as it is there: while the gradients of
/// the first layers are computed, those of the last ones are sent.
class GradientAverage {
 public:
  /// `parameters`: the same leaves in the same order in every process.
  GradientAverage(const World& world, std::vector<at::Tensor> parameters);

  /// To be called before each `loss.backward()`. Parameters that the loss of no process depends on keep their
  /// gradients.
  void prepare(const at::Tensor& loss) const;

 private:
  std::shared_ptr<c10d::Reducer> reducer_;
};

}  // namespace regard
