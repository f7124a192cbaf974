#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "regard/engine/engine.h"
#include "regard/network/table.h"
#include "regard/openvino/batches.h"
#include "tests/network_cases.h"
#include "tests/support.h"
#include "train/torch/ops.h"

/// Every network gives the same in torch, where it is trained, and in OpenVINO, where it is used;
/// tests/onnxruntime_test.py holds a third executor to the latter, on the same networks.
namespace regard {
namespace {

using test::Faces;
using test::NetworkCase;
using test::random_faces;

/// [n, 3, s, s], 0 to 255.
at::Tensor as_torch(const std::vector<Image>& chips) {
  std::vector<at::Tensor> planes;
  for (const auto& chip : chips)
    planes.push_back(
        at::tensor(chip.pixels, at::kByte).view({chip.height, chip.width, 3}).permute({2, 0, 1}));
  return at::stack(planes);
}

at::Tensor as_torch(const std::vector<Landmarks>& landmarks) {
  std::vector<float> values;
  for (const auto& face : landmarks)
    for (const auto& [x, y] : face) values.insert(values.end(), {x, y});
  return at::tensor(values).view({-1, 5, 2});
}

class TorchNetwork {
 public:
  explicit TorchNetwork(const Model& model)
      : network_(model.network), weights_(to_torch(model.weights, describe_network(network_).parameters())) {}

  TorchOps run(const Faces& faces) {
    const at::NoGradGuard no_gradients;
    TorchOps::Options options;
    options.landmarks = as_torch(faces.landmarks);
    TorchOps ops(weights_, as_torch(faces.chips), options);
    build_network(ops, network_);
    return ops;
  }

 private:
  NetworkConfig network_;
  TorchWeights weights_;
};

/// The difference of two lists of numbers where it is largest.
double distance(const at::Tensor& a, const std::vector<float>& b) {
  if (a.numel() != static_cast<std::int64_t>(b.size())) return INFINITY;
  return (a.flatten() - at::tensor(b)).abs().max().item<double>();
}

/// How far logits of different faces lie apart: random networks say nearly the same of all.
double faces_apart(const at::Tensor& logits) {
  return (logits - logits[0]).abs().max().item<double>();
}

/// All outputs that the network has beside its answer.
void expect_equal_attention(const NetworkConfig& network, const TorchOps& ops, const Predictions& graph) {
  const std::map<std::string, std::pair<const std::vector<float>*, double>> known{
      {"view_weights", {&graph.view_weights, 1e-4}},
      {"gate", {&graph.view_weights, 1e-4}},
      {"self_attention", {&graph.self_attention, 1e-4}},
      {"relation_attention", {&graph.relation_attention, 1e-4}},
      {"affines", {&graph.places, 1e-4}},
      {"pose", {&graph.pose, 1e-2}},  // degrees
      {"feature", {&graph.features, 1e-3}}};
  const auto spec = describe_network(network);
  auto outputs = spec.outputs();
  outputs.insert(outputs.end(), spec.training_outputs().begin(), spec.training_outputs().end());
  for (const auto& [name, shape] : outputs)
    if (const auto found = known.find(name); found != known.end()) {
      EXPECT_LE(distance(ops.output(name), *found->second.first), found->second.second) << name;
    }
}

bool has_feature(const NetworkConfig& network) {
  return std::ranges::any_of(describe_network(network).training_outputs(),
                             [](const auto& output) { return output.first == "feature"; });
}

void expect_equal_networks(const Model& model) {
  const Engine engine(model, {.features = has_feature(model.network)});
  TorchNetwork torch(model);
  // Shuffled weights go round among the chips that are in the network at once.
  for (const int n : {1, static_cast<int>(kLargestBatch)}) {
    SCOPED_TRACE("batch " + std::to_string(n));
    const auto faces = random_faces(n, model.network.chip_size);
    const auto graph = engine.predict(faces.views(), faces.landmarks);
    const auto ops = torch.run(faces);
    EXPECT_LE(distance(ops.output("probabilities"), graph.probabilities), 1e-4);
    const double error = distance(ops.output("logits"), graph.logits);
    EXPECT_LE(error, 1e-3);
    if (n > 1) {
      EXPECT_LE(error, .01 * faces_apart(ops.output("logits")));
    }
    expect_equal_attention(model.network, ops, graph);
    EXPECT_GT(*std::ranges::max_element(graph.probabilities), .15) << "a network that says nothing";
  }
}

std::vector<NetworkCase> cases_of(const std::string& head) {
  auto cases = test::network_cases();
  std::erase_if(cases, [&](const auto& one) { return !one.name.starts_with(head + "-"); });
  return cases;
}

class EveryNetwork : public testing::TestWithParam<std::string> {};

/// The networks of the table, the baselines by their fusions.
std::vector<std::string> heads() {
  auto names = Networks::names();
  std::erase(names, RegionBaselineRow::kName);
  for (const auto& fusion : fusions::kTable<SpecOps>) names.emplace_back(fusion.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Networks, EveryNetwork, testing::ValuesIn(heads()),
                         [](const auto& test) { return test.param; });

TEST_P(EveryNetwork, TorchAndGraphAreEqual) {
  const auto cases = cases_of(GetParam());
  EXPECT_FALSE(cases.empty());
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    expect_equal_networks(one.model());
  }
}

Faces mirrored(Faces faces) {
  for (auto& chip : faces.chips)
    for (int y = 0; y < chip.height; ++y)
      for (int x = 0; x < chip.width / 2; ++x)
        std::swap_ranges(chip.row(y) + 3 * x, chip.row(y) + 3 * x + 3,
                         chip.row(y) + 3 * (chip.width - 1 - x));
  for (auto& landmarks : faces.landmarks)
    for (auto& point : landmarks) point.x = 1 - point.x;
  return faces;
}

/// Not with random regions, which would be others of the mirrored face.
TEST_P(EveryNetwork, ThatAlsoLookAtTheMirroredFaceSayTheSameOfIt) {
  for (const auto& one : cases_of(GetParam())) {
    if (one.name.find("-flip") == std::string::npos || one.name.find("-random") != std::string::npos)
      continue;
    SCOPED_TRACE(one.name);
    TorchNetwork torch(one.model());
    const auto faces = random_faces(2, one.network.chip_size);
    const auto logits = torch.run(faces).output("logits"),
               other = torch.run(mirrored(faces)).output("logits");
    EXPECT_LE((logits - other).abs().max().item<double>(), .02 * faces_apart(logits));
    EXPECT_GT(faces_apart(logits), 1e-3);
  }
}

TEST(Networks, AttentionOfAnotherFaceIsNotThatOfItsOwnMirrorImage) {
  const Json options{{"views", {{"flip_tta", true}}}, {"attention", {{"shuffled", true}}}};
  EXPECT_THAT(test::error_of([&] {
                describe_network({"ran", options});
              }),
              testing::HasSubstr("flip test-time augmentation"));
}

TEST(NetworkCases, LeaveNoBackboneOut) {
  std::set<std::string> plain, ran, baseline;
  for (const auto& [name, network] : test::network_cases()) {
    const auto& options = network.options;
    if (network.name == "plain") plain.insert(options["backbone"].get<std::string>());
    if (network.name == "ran") ran.insert(options["views"]["backbone"].get<std::string>());
    if (network.name == "region_baseline") baseline.insert(options["views"]["backbone"].get<std::string>());
  }
  for (const auto& backbone : kBackbones<SpecOps>)
    for (const auto& seen : {plain, ran, baseline})
      EXPECT_TRUE(seen.contains(backbone.name)) << backbone.name;
}

TEST(Network, TorchAndGraphAreEqualOnShippedModels) {
  for (const auto& entry : std::filesystem::directory_iterator(REGARD_SOURCE_DIR "/models")) {
    if (entry.path().extension() != ".safetensors") continue;
    SCOPED_TRACE(entry.path());
    expect_equal_networks(load_model(entry.path()));
  }
}

}  // namespace
}  // namespace regard
