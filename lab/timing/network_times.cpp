#include "lab/timing/network_times.h"

#include "lab/timing/timing.h"
#include "regard/core/range_check.h"
#include "regard/network/plain.h"

namespace regard {

namespace {

Model with_fresh_weights(const NamedNetwork& named) {
  Model model;
  model.name = named.name;
  model.network = named.network;
  for (int i = 0; i < named.network.classes; ++i) model.labels.push_back(std::to_string(i));
  model.weights = initial_weights(describe_network(named.network).parameters(), 1);
  return model;
}

/// In the order of the engines.
std::vector<NetworkTime> measure(const std::vector<std::string>& names, const std::vector<Engine>& engines,
                                 int chip_size, int batch, int runs) {
  const auto images = random_chips(batch, chip_size);
  const std::vector<ImageView> chips(images.begin(), images.end());
  for (const auto& engine : engines) engine.predict(chips);  // fills caches
  std::vector<std::vector<double>> times(names.size()), ratios(names.size());
  for (int run = 0; run < runs; ++run)
    for (std::size_t i = 0; i < names.size(); ++i) {
      times[i].push_back(milliseconds([&] { engines[i].predict(chips); }) / batch);
      ratios[i].push_back(times[i].back() / times[0].back());
    }
  std::vector<NetworkTime> result;
  for (std::size_t i = 0; i < names.size(); ++i)
    result.push_back({names[i], batch, median(times[i]), median(ratios[i])});
  return result;
}

std::vector<NetworkTime> measure_all(const std::vector<std::string>& names,
                                     const std::vector<Engine>& engines, int chip_size,
                                     const std::vector<int>& batches, int runs) {
  check_range(runs >= 1, "runs", "1 or more", runs);
  for (const int batch : batches) check_range(batch >= 1, "batch", "1 or more", batch);
  std::vector<NetworkTime> result;
  for (const int batch : batches)
    for (auto& time : measure(names, engines, chip_size, batch, runs)) result.push_back(std::move(time));
  return result;
}

}  // namespace

std::vector<NamedNetwork> networks_to_compare(const NetworkConfig& like) {
  const PlainOptions usual;
  const auto given = seen_options(like);
  const Json seen{{"backbone", given.value("backbone", usual.backbone)},
                  {"input_size", given.value("input_size", usual.input_size)},
                  {"normalize", given.value("normalize", Json::object())}};
  const auto network = [&](const std::string& name, const Json& options) {
    return NetworkConfig{name, options, like.chip_size, like.classes};
  };
  const auto ran = [&](const char* cut_from) {
    Json views = seen;
    views["cut_from"] = cut_from;
    return network("ran", {{"views", views}});
  };
  return {{"plain", network("plain", seen)},
          {"ran", ran("chip")},
          {"ran-shared", ran("map")},
          {"phanet", network("phanet", seen)}};
}

std::vector<NetworkTime> measure_networks(const std::vector<NamedNetwork>& networks,
                                          const EngineOptions& options, const std::vector<int>& batches,
                                          int runs) {
  if (networks.empty()) throw Error("there are no networks to measure");
  std::vector<std::string> names;
  std::vector<Engine> engines;
  for (const auto& named : networks) {
    names.push_back(named.name);
    engines.emplace_back(with_fresh_weights(named), options);
  }
  return measure_all(names, engines, networks[0].network.chip_size, batches, runs);
}

std::vector<NetworkTime> measure_precisions(const Model& model, const EngineOptions& options,
                                            const std::vector<int>& batches, int runs) {
  std::vector<std::string> names{"f32", "bf16"};
  if (!model.quantization.empty()) names.push_back("int8");
  std::vector<Engine> engines;
  for (const auto& name : names) {
    auto precise = options;
    precise.precision = name;
    engines.emplace_back(model, precise);
  }
  return measure_all(names, engines, model.network.chip_size, batches, runs);
}

}  // namespace regard
