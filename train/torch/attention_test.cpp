#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "regard/network/region_attention.h"
#include "tests/golden.h"
#include "train/torch/ops.h"

/// Region attention in tensors: values and gradients of tests/golden/region_attention.py, where the gradients
/// are central differences in float64.
namespace regard {
namespace {

at::Tensor as_torch(const Json& json) {
  const auto [shape, values] = test::golden_tensor(json);
  return at::tensor(values).view(shape);
}

void expect_near(const at::Tensor& got, const Json& expected, const std::string& what) {
  const auto golden = as_torch(expected);
  ASSERT_EQ(got.sizes(), golden.sizes()) << what;
  EXPECT_LT((got - golden).abs().max().item<double>(), 1e-5) << what;
}

/// A number that every value of the representation has its share in, as in the script.
at::Tensor objective(const at::Tensor& feature) {
  return (feature.flatten() * at::arange(1, feature.numel() + 1, at::kFloat).cos()).sum();
}

TEST(TorchAttention, EqualsTheGoldenValuesAndGradients) {
  const auto attention = test::golden("region_attention").at("attention");
  TorchWeights arguments;
  for (const auto& [name, values] : attention.at("arguments").items())
    arguments[name] = as_torch(values).set_requires_grad(true);
  const auto features = arguments.at("features");
  for (const auto& example : attention.at("cases")) {
    SCOPED_TRACE(example.at("name").get<std::string>());
    RegionAttentionOptions options;
    from_json(example.at("options"), options, "region_attention.json");
    TorchOps ops(arguments, at::zeros({1}), {});
    const auto attended = region_attention(ops, features, options);
    expect_near(attended.feature, example.at("feature"), "feature");
    expect_near(attended.weights, example.at("weights"), "weights");
    if (example.contains("mu")) expect_near(attended.self_attention, example.at("mu"), "mu");
    if (example.contains("nu")) expect_near(attended.relation_attention, example.at("nu"), "nu");

    std::vector<std::string> names;
    std::vector<at::Tensor> leaves;
    for (const auto& [name, gradient] : example.at("gradients").items()) {
      names.push_back(name);
      leaves.push_back(arguments.at(name));
    }
    const auto gradients = torch::autograd::grad({objective(attended.feature)}, leaves, {},
                                                 /*retain_graph=*/false, /*create_graph=*/false,
                                                 /*allow_unused=*/options.weights == "uniform");
    for (std::size_t i = 0; i < names.size(); ++i)
      expect_near(gradients[i].defined() ? gradients[i] : at::zeros_like(leaves[i]),
                  example.at("gradients").at(names[i]), "gradient of " + names[i]);
  }
}

/// Of ten thousand faces the share of views that have no weight in training, and that never all have none.
TEST(TorchAttention, ViewsAreDroppedInTraining) {
  TorchWeights weights{{"self_attention.weight", at::ones({1, 2})}};
  const auto attend = [&](bool training) {
    TorchOps::Options options;
    options.training = training;
    options.generator = at::detail::createCPUGenerator(3);
    TorchOps ops(weights, at::zeros({1}), options);
    return region_attention(ops, at::ones({10'000, 6, 2}), {.relation_attention = false, .drop_views = .25f});
  };
  const auto dropped = attend(true).weights.eq(0).to(at::kDouble);
  // The luckiest of six stays even where it would be dropped: .25^6 of the faces, nothing to be seen here.
  EXPECT_NEAR(dropped.mean().item<double>(), .25, .01);
  EXPECT_LT(dropped.sum(1).max().item<double>(), 6);
  EXPECT_EQ(attend(false).weights.eq(0).sum().item<std::int64_t>(), 0);
  EXPECT_FALSE(attend(true).feature.isnan().any().item<bool>());
}

}  // namespace
}  // namespace regard
