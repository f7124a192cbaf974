#include "tests/network_cases.h"

#include <algorithm>
#include <random>

#include "regard/core/labels.h"
#include "regard/network/table.h"
#include "tests/run_graph.h"

namespace regard::test {

namespace {

constexpr int kChip = 40;

/// About the middle of what chips hold, so that random networks answer to them rather than to their mean.
const Json kNormalize{{"mean", {120.f, 130.f, 125.f}}, {"std", {50.f, 60.f, 55.f}}};

/// The smallest images that every backbone can be asked about.
constexpr int kInput = 33;

NetworkCase plain_case(const std::string& backbone, const Json& more) {
  Json options = more;
  options["backbone"] = backbone;
  options["input_size"] = kInput;
  options["normalize"].update(kNormalize);
  const bool flip_tta = options.value("flip_tta", false);
  return {"plain-" + backbone + (flip_tta ? "-flip" : ""), {"plain", options, kChip}};
}

/// `head` is "ran" or one of the baselines' fusions.
NetworkCase region_case(const std::string& head, const Json& regions, const std::string& cut_from,
                        bool flip_tta, const std::string& backbone) {
  const Json views{{"backbone", backbone},   {"input_size", kInput}, {"regions", regions},
                   {"cut_from", cut_from},   {"map_size", 3},        {"flip_tta", flip_tta},
                   {"normalize", kNormalize}};
  const auto name = head + "-" + regions["scheme"].get<std::string>() + "-" + cut_from +
                    (flip_tta ? "-flip-" : "-") + backbone;
  if (head == "ran") return {name, {"ran", {{"views", views}}, kChip}};
  return {name, {"region_baseline", {{"views", views}, {"fusion", head}}, kChip}};
}

/// Every head with every scheme; what else can be chosen changes from one to the next.
std::vector<NetworkCase> region_cases() {
  std::vector<std::string> heads{"ran"};
  for (const auto& fusion : fusions::kTable<SpecOps>) heads.emplace_back(fusion.name);
  const auto schemes = RegionSchemes::names();
  std::vector<NetworkCase> cases;
  for (std::size_t i = 0; i < heads.size(); ++i)
    for (std::size_t j = 0; j < schemes.size(); ++j) {
      const bool from_map = (i + j) % 2 == 1, flip_tta = (i + j) % 3 != 0;
      RegionOptions regions;
      regions.scheme = schemes[j];
      const bool possible = !(from_map && depends_on_face(regions));  // of a mirrored face
      const auto backbone = (2 * i + j) % 5 == 1 ? "resnet18" : "mobilenet_v1";
      cases.push_back(region_case(heads[i], {{"scheme", schemes[j]}}, from_map ? "map" : "chip",
                                  flip_tta && possible, backbone));
    }
  return cases;
}

/// Three scales: with angles, mirrored; at fixed places; with classes of yaw and the best two scales alone.
std::vector<NetworkCase> phanet_cases() {
  const Json seen{{"input_size", 64}, {"normalize", kNormalize}};
  Json angles = seen, classes = seen;
  angles.update({{"flip_tta", true}, {"normalize", {{"grey", true}}}});
  angles["normalize"].update(kNormalize);
  classes.update({{"pose", "classes"}, {"yaws", {-45.f, 0.f, 45.f}}, {"top", 2}});
  Json fixed = seen;
  fixed["places"] = "fixed";
  return {{"phanet-angles-flip", {"phanet", angles, kChip}},
          {"phanet-fixed-places", {"phanet", fixed, kChip}},
          {"phanet-classes-top", {"phanet", classes, kChip}}};
}

/// A network of attention beside a plain one of another size, each with its own temperature.
NetworkCase ensemble_case() {
  const auto attention = region_case("ran", {{"scheme", "fixed"}}, "chip", false, "mobilenet_v1").network;
  const auto face = plain_case("resnet18", {{"flip_tta", true}}).network;
  const Json members{{{"name", attention.name}, {"options", attention.options}, {"temperature", .7f}},
                     {{"name", face.name}, {"options", face.options}, {"temperature", 1.5f}}};
  return {"ensemble-ran-plain", {"ensemble", {{"members", members}}, kChip}};
}

/// What is asked of the attention, and of a scheme's views.
std::vector<NetworkCase> attention_cases() {
  std::vector<NetworkCase> cases;
  const auto add = [&](const std::string& name, const Json& attention, const Json& regions) {
    auto one = region_case("ran", regions, "chip", false, "mobilenet_v1");
    one.name = "ran-" + name;
    one.network.options["attention"] = attention;
    cases.push_back(one);
  };
  const Json fixed{{"scheme", "fixed"}};
  add("self", {{"relation_attention", false}}, fixed);
  add("relation", {{"self_attention", false}}, fixed);
  add("authors", {{"weights", "sigmoid_softmax"}, {"bias", true}}, {{"scheme", "fixed7"}});
  add("softmax", {{"weights", "softmax"}, {"temperature", 2.f}}, fixed);
  add("shuffled", {{"shuffled", true}}, fixed);
  add("some-landmarks", Json::object(), {{"scheme", "landmark"}, {"only", {3, 0}}});
  add("some-random", Json::object(), {{"scheme", "random"}, {"only", {2, 0}}});
  add("small", Json::object(), {{"scheme", "fixed"}, {"scale", .4f}});
  return cases;
}

}  // namespace

Model NetworkCase::model() const {
  Model model;
  model.name = name;
  model.network = network;
  model.labels.assign(kFerplusLabels.begin(), kFerplusLabels.end());
  model.weights = lively_weights(describe_network(network).parameters(), 1);
  // ResNet-18's features are some ten times the others': were its scores as large, a view's sigmoid could be
  // so near 0 that normalising the weights would make a runtime's rounding visible.
  const float lively = name.ends_with("resnet18") ? .8f : 8;
  for (auto& [parameter, weight] : model.weights)
    if (parameter.ends_with("_attention.weight"))
      for (float& value : weight.values) value *= lively;
  return model;
}

std::vector<NetworkCase> network_cases() {
  auto cases = region_cases();
  for (auto& one : attention_cases()) cases.push_back(std::move(one));
  cases.push_back(plain_case("mobilenet_v1", {{"zooms", {.9f, 1.1f}}, {"normalize", {{"grey", true}}}}));
  for (const auto& backbone : kBackbones<SpecOps>) {
    cases.push_back(plain_case(backbone.name, {{"flip_tta", true}}));
    cases.push_back(region_case("ran", {{"scheme", "fixed"}}, "map", false, backbone.name));
    cases.push_back(region_case("mean_of_scores", {{"scheme", "landmark"}}, "chip", false, backbone.name));
  }
  for (auto& one : phanet_cases()) cases.push_back(std::move(one));
  cases.push_back(ensemble_case());
  return cases;
}

Faces random_faces(int count, int size) {
  constexpr int kPatch = 8;  // pixels a side: noise alone would look the same everywhere
  Faces faces;
  for (int i = 0; i < count; ++i) {
    std::mt19937 random(static_cast<unsigned>(i));
    const auto below = [&](unsigned limit) { return static_cast<std::uint8_t>(random() % limit); };
    auto& chip = faces.chips.emplace_back(size, size);
    for (auto& value : chip.pixels) value = below(64);
    for (int y = 0; y < size; y += kPatch)
      for (int x = 0; x < 3 * size; x += 3 * kPatch) {
        const std::uint8_t colour[]{below(192), below(192), below(192)};
        for (int row = y; row < std::min(y + kPatch, size); ++row)
          for (int column = x; column < std::min(x + 3 * kPatch, 3 * size); ++column)
            chip.row(row)[column] = static_cast<std::uint8_t>(chip.row(row)[column] + colour[column % 3]);
      }
    const auto places = random_tensor({10}, i, .15f, .85f).values;
    auto& landmarks = faces.landmarks.emplace_back();
    for (std::size_t p = 0; p < landmarks.size(); ++p) landmarks[p] = {places[2 * p], places[2 * p + 1]};
  }
  return faces;
}

}  // namespace regard::test
