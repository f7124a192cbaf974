#include <algorithm>
#include <chrono>
#include <iomanip>
#include <memory>

#include "cli/common.h"
#include "cli/inputs.h"
#include "cli/lab/commands.h"
#include "lab/timing/network_times.h"
#include "lab/timing/overhead.h"
#include "regard/core/json.h"
#include "regard/core/text.h"
#include "regard/image/decode.h"
#include "regard/openvino/batches.h"
#include "regard/pipeline/model_files.h"
#include "regard/pipeline/stages.h"

namespace regard {

namespace {

struct BenchOptions {
  std::string model, format = "text";
  std::vector<std::string> images;
  int runs = 30;
  DetectorOptions detector;  ///< its threads are those of all stages

  int threads() const { return detector.threads; }
};

constexpr std::array kStages{"decode", "detect", "pose", "chip", "network"};

/// How long something took, in milliseconds, over several runs.
class Times {
 public:
  template <class Work>
  auto measure(Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    auto result = work();
    const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
    values_.push_back(passed.count());
    return result;
  }

  Json summary() {
    std::ranges::sort(values_);
    return {{"median", values_[values_.size() / 2]}, {"minimum", values_.front()}};
  }

 private:
  std::vector<double> values_;
};

/// Measures the stages of recognition one by one.
class StageTimes {
 public:
  StageTimes(const Model& model, const DetectorOptions& detector)
      : stages_(model, {.detector = detector, .engine = {.threads = detector.threads}}) {}

  Json bench(const std::string& file, int runs) const {
    std::array<Times, kStages.size()> warm_up, times;
    Json result = run(file, warm_up);  // fills caches
    for (int i = 0; i < runs; ++i) run(file, times);
    for (std::size_t i = 0; i < times.size(); ++i) result[kStages[i]] = times[i].summary();
    return result;
  }

 private:
  Json run(const std::string& file, std::array<Times, kStages.size()>& times) const {
    auto& [decode, detect, pose, chip, network] = times;
    const auto image = decode.measure([&] { return read_image(file); });
    const auto faces = detect.measure([&] { return stages_.detect(image); });
    pose.measure([&] { return stages_.estimate_poses(image, faces); });
    const auto chips = chip.measure([&] { return stages_.cut_chips(image, faces); });
    network.measure([&] { return stages_.predict(chips); });
    return {{"file", file}, {"width", image.width}, {"height", image.height}, {"faces", faces.size()}};
  }

  Stages stages_;
};

Json bench_overhead(const Model& model, const BenchOptions& options) {
  Json rows = Json::array();
  for (const std::string precision : {"f32", "bf16"})
    for (const int batch : {1, static_cast<int>(kLargestBatch)}) {
      const auto overhead = measure_overhead(model, {precision, options.threads()}, batch, options.runs);
      rows.push_back({{"precision", precision},
                      {"chips", batch},
                      {"engine", overhead.engine},
                      {"graph", overhead.graph},
                      {"overhead", overhead.share()}});
    }
  return rows;
}

Json bench_networks(const Model& model, const BenchOptions& options) {
  Json rows = Json::array();
  for (const std::string precision : {"f32", "bf16"})
    for (const auto& [name, chips, milliseconds, ratio] : measure_networks(
             networks_to_compare(model.network), {precision, options.threads()}, {1, 8}, options.runs))
      rows.push_back({{"precision", precision},
                      {"chips", chips},
                      {"network", name},
                      {"milliseconds", milliseconds},
                      {"ratio", ratio}});
  return rows;
}

Json bench_precisions(const Model& model, const BenchOptions& options) {
  Json rows = Json::array();
  for (const auto& [name, chips, milliseconds, ratio] :
       measure_precisions(model, {.threads = options.threads()}, {1, 8}, options.runs))
    rows.push_back({{"precision", name}, {"chips", chips}, {"milliseconds", milliseconds}, {"ratio", ratio}});
  return rows;
}

std::string number(double value, int width) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << std::setw(width) << value;
  return text.str();
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, text_width(text)), ' ');
}

std::string text_of_networks(const Json& rows) {
  std::string text =
      "networks with the model's backbone, milliseconds per face, medians of alternating rounds\n";
  for (const auto& row : rows)
    text += "  " + padded(row["precision"], 5) + " chips: " + row["chips"].dump() + "  " +
            padded(row["network"], 10) + number(row["milliseconds"], 9) + number(row["ratio"], 8) +
            " times plain\n";
  return text;
}

std::string text_of_precisions(const Json& rows) {
  std::string text = "precisions of the model, milliseconds per face, medians of alternating rounds\n";
  for (const auto& row : rows)
    text += "  " + padded(row["precision"], 5) + " chips: " + row["chips"].dump() +
            number(row["milliseconds"], 9) + number(row["ratio"], 8) + " times f32\n";
  return text;
}

std::string text_of(const Json& report) {
  std::string text = "milliseconds, median (minimum) of " + report["runs"].dump() + " runs\n";
  for (const auto& image : report["images"]) {
    text += image["file"].get<std::string>() + ", " + image["width"].dump() + " x " + image["height"].dump() +
            ", faces: " + image["faces"].dump() + "\n";
    for (const auto* stage : kStages)
      text += "  " + padded(stage, 9) + number(image[stage]["median"], 9) + "  (" +
              number(image[stage]["minimum"], 0) + ")\n";
  }
  text += "engine and bare OpenVINO graph, milliseconds per call, medians of alternating runs\n";
  for (const auto& row : report["engine"])
    text += "  " + padded(row["precision"], 5) + " chips: " + row["chips"].dump() +
            number(row["engine"], 10) + number(row["graph"], 10) +
            number(100 * row["overhead"].get<double>(), 8) + " % overhead\n";
  return text + text_of_precisions(report["precisions"]) + text_of_networks(report["networks"]);
}

void bench(const BenchOptions& options) {
  const auto model = load_model(find_model(options.model));
  ImageList list(options.images.empty() ? std::vector{samples_folder().string()} : options.images);
  if (const auto failures = list.take_failures(); !failures.empty()) throw Error(failures.front());
  Json report{
      {"model", model.name}, {"hash", model.hash()}, {"runs", options.runs}, {"threads", options.threads()}};
  report["images"] = Json::array();
  const StageTimes stages(model, options.detector);
  while (const auto file = list.next()) report["images"].push_back(stages.bench(*file, options.runs));
  report["engine"] = bench_overhead(model, options);
  report["precisions"] = bench_precisions(model, options);
  report["networks"] = bench_networks(model, options);
  print(options.format == "json" ? json_shown(report) + "\n" : text_of(report));
}

}  // namespace

void add_bench(CLI::App& app) {
  auto options = std::make_shared<BenchOptions>();
  auto* command = app.add_subcommand(kBench.name, kBench.description);
  command->add_option("--model", options->model, "name of a shipped model, or a model file")
      ->type_name("MODEL");
  command->add_option("--images", options->images, "images and folders; the sample photographs by default")
      ->type_name("PATH");
  command->add_option("--runs", options->runs, "number of measurements")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  add_flags(*command, options->detector);
  command->add_option("--format", options->format, "output format")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(
      "Stages: decode the file, detect faces, estimate head poses, cut a chip of each face, run the network "
      "on the chips.\n"
      "Precisions: f32, bf16 and, if the model is quantized, int8.\n"
      "Networks: plain, ran (the paper's, six passes of the backbone), ran-shared (its views cut from one\n"
      "feature map) and phanet (three scales), with the model's backbone and input size, without flip "
      "test-time augmentation.\n"
      "\n"
      "examples:\n"
      "  regard bench\n"
      "  regard bench --runs 200 --threads 2 --format json | jq .engine\n"
      "  regard bench --model my-run/model.safetensors --images holiday/");
  command->callback([options] { bench(*options); });
}

}  // namespace regard
