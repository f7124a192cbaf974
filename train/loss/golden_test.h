#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <string>
#include <vector>

#include "regard/core/file.h"
#include "regard/core/options.h"

/// What NumPy scripts in tests/golden compute of losses, and how tests hold these to it.
namespace regard::test {

/// A loss in tests/golden/phanet.json.
inline Json golden_loss(const char* name) {
  return Json::parse(read_text(REGARD_SOURCE_DIR "/tests/golden/phanet.json")).at("losses").at(name);
}

/// In double, with gradient.
inline at::Tensor tensor_of(const Json& json) {
  return at::tensor(json.at("values").get<std::vector<double>>(), at::kDouble)
      .view(json.at("shape").get<std::vector<std::int64_t>>())
      .set_requires_grad(true);
}

/// The loss and its gradient for x.
inline void expect_golden(const at::Tensor& loss, const at::Tensor& x, const Json& golden) {
  EXPECT_NEAR(loss.item<double>(), golden.at("loss").get<double>(), 1e-6);
  const auto gradient = torch::autograd::grad({loss}, {x})[0];
  EXPECT_LT((gradient - tensor_of(golden.at("gradient"))).abs().max().item<double>(), 1e-5);
}

}  // namespace regard::test
