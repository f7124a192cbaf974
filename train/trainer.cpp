#include "train/trainer.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>

#include "regard/core/file.h"
#include "regard/core/random.h"
#include "train/checkpoint.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "train/order.h"
#include "train/torch/ops.h"
#include "train/transforms.h"

namespace regard {

namespace {

/// Independent streams of random numbers that one seed gives.
enum class Stream : std::uint64_t { order = 1, step = 2, subset = 3, reestimate = 4 };

/// The generator of one stream's `number`-th part: a function of the recipe alone, so that no random state
/// has to be kept.
at::Generator generator(std::int64_t seed, Stream stream, std::int64_t number) {
  std::uint64_t x = static_cast<std::uint64_t>(seed);
  for (const auto part : {static_cast<std::uint64_t>(stream), static_cast<std::uint64_t>(number)})
    x = SplitMix64(x ^ part).next();
  return at::detail::createCPUGenerator(x);
}

at::Tensor permutation(std::int64_t count, at::Generator randomness) {
  return at::randperm(count, std::move(randomness), at::kLong);
}

/// Chips and targets of a packed data set, on a device.
class Part {
 public:
  /// `mean`: the landmarks of chips with unknown ones.
  Part(const PackedDataset& data, const std::vector<std::int64_t>& indices, bool majority,
       const Landmarks& mean, at::Device device)
      : device_(device) {
    const auto count = static_cast<std::int64_t>(indices.size());
    const auto classes = static_cast<std::int64_t>(data.labels().size());
    chips_ = at::empty({count, data.channels(), data.size(), data.size()}, at::kByte);
    targets_ = at::zeros({count, classes}, at::kFloat);
    labels_ = at::empty({count}, at::kLong);
    landmarks_ = at::empty({count, static_cast<std::int64_t>(mean.size()), 2}, at::kFloat);
    poses_ = at::full({count, 3}, std::numeric_limits<float>::quiet_NaN());
    for (std::int64_t row = 0; row < count; ++row) {
      const auto chip = data.chip(indices[row]);
      std::copy(chip.begin(), chip.end(), chips_[row].data_ptr<std::uint8_t>());
      const auto landmarks = data.landmarks(indices[row]).value_or(mean);
      std::memcpy(landmarks_[row].data_ptr(), landmarks.data(), sizeof landmarks);
      if (const auto pose = data.pose(indices[row]))
        poses_[row] = at::tensor({pose->yaw, pose->pitch, pose->roll});
      const int label = data.label(indices[row]);
      labels_[row] = label;
      const auto soft_labels = data.soft_labels(indices[row]);
      if (majority)
        targets_[row][label] = 1;
      else
        std::copy(soft_labels.begin(), soft_labels.end(), targets_[row].data_ptr<float>());
    }
    chips_ = chips_.to(device);
    targets_ = targets_.to(device);
    landmarks_ = landmarks_.to(device);
    poses_ = poses_.to(device);
  }

  std::int64_t count() const { return chips_.size(0); }
  at::Tensor chips(const at::Tensor& rows) const { return chips_.index_select(0, rows.to(device_)); }
  at::Tensor chips(std::int64_t begin, std::int64_t end) const { return chips_.slice(0, begin, end); }
  at::Tensor targets(const at::Tensor& rows) const { return targets_.index_select(0, rows.to(device_)); }
  const at::Tensor& labels() const { return labels_; }
  /// In fractions of the chip, [rows, 5, 2].
  at::Tensor landmarks(const at::Tensor& rows) const { return landmarks_.index_select(0, rows.to(device_)); }
  at::Tensor landmarks(std::int64_t begin, std::int64_t end) const { return landmarks_.slice(0, begin, end); }
  /// Yaw, pitch and roll in degrees, [rows, 3]; NaN if they are not known.
  at::Tensor poses(const at::Tensor& rows) const { return poses_.index_select(0, rows.to(device_)); }
  bool knows_poses() const { return poses_.isnan().logical_not().any().item<bool>(); }

 private:
  at::Device device_;
  at::Tensor chips_, targets_, labels_, landmarks_, poses_;
};

/// Throws Error for an unknown device or one that this libtorch cannot use. f32 means f32 on a GPU, too.
at::Device device_of(const std::string& name) {
  const bool cuda = name == "cuda" || name.starts_with("cuda:");
  if (name != "cpu" && !cuda) throw Error("unknown device", name, "cpu, cuda or cuda:N");
  if (cuda && !at::hasCUDA())
    throw Error("no GPU can be used", name, "a libtorch with CUDA, and a GPU that its driver sees");
  at::globalContext().setAllowTF32CuDNN(false);
  return at::Device(name);
}

at::Tensor logits_of(const NetworkConfig& network, TorchWeights& weights, const Part& part,
                     at::ScalarType precision) {
  if (part.count() == 0) throw Error("split has no images to look at");
  const at::NoGradGuard no_gradients;
  constexpr std::int64_t kBatch = 64;
  TorchOps::Options options;
  options.precision = precision;
  std::vector<at::Tensor> logits;
  for (std::int64_t begin = 0; begin < part.count(); begin += kBatch) {
    const auto end = std::min(begin + kBatch, part.count());
    options.landmarks = part.landmarks(begin, end);
    TorchOps ops(weights, part.chips(begin, end), options);
    build_network(ops, network);
    logits.push_back(ops.output("logits").to(at::kCPU));
  }
  return at::cat(logits);
}

class Run {
 public:
  Run(const Recipe& recipe, const PackedDataset& data, const std::filesystem::path& folder,
      const TrainOptions& options)
      : recipe_(recipe),
        data_(data),
        folder_(folder),
        options_(options),
        device_(device_of(options.device)),
        precision_(recipe.precision == "bf16" ? at::kBFloat16 : at::kFloat),
        model_(describe()),
        specs_(parameters()),
        train_(data, training_images(), recipe.supervision == "majority", landmark_places(model_.chip()),
               device_),
        valid_(data, data.indices("valid", true), false, landmark_places(model_.chip()), device_),
        steps_per_epoch_(train_.count() / recipe.batch) {
    if (steps_per_epoch_ < 1)
      throw Error("batch is larger than the training part", recipe.name,
                  "at most " + std::to_string(train_.count()), std::to_string(recipe.batch));
    if (recipe.loss.pose > 0 && !train_.knows_poses())
      throw Error("no image of the training part has a head pose", recipe.name + ": loss.pose",
                  "a data set packed with poses, or a weight of 0");
    std::filesystem::create_directories(folder_);
    take_folder();
    begin_or_continue();
  }

  bool go(const std::function<void(const TrainProgress&)>& on_progress, const std::atomic<bool>* stop) {
    const auto began = Clock::now();
    auto saved = began;
    const std::int64_t first = step_, steps = steps_per_epoch_ * recipe_.epochs;
    while (step_ < steps) {
      loss_sum_ += take_step(steps);
      ++step_;
      const bool epoch_ends = step_ % steps_per_epoch_ == 0;
      if (epoch_ends) end_epoch();
      const bool stops = (stop && *stop) || (options_.stop_after > 0 && step_ - first >= options_.stop_after);
      if (epoch_ends || stops || seconds_since(saved) > options_.checkpoint_seconds) {
        save();
        saved = Clock::now();
      }
      if (on_progress) on_progress(progress(steps, step_ - first, seconds_since(began)));
      if (epoch_ends) loss_sum_ = 0;
      if (stops) break;
    }
    return step_ == steps;
  }

 private:
  static constexpr std::int64_t kStepsALine = 20;  // of losses.jsonl
  using Clock = std::chrono::steady_clock;
  static double seconds_since(Clock::time_point t) {
    return std::chrono::duration<double>(Clock::now() - t).count();
  }

  /// The network as it is trained; the model file holds it as it is used (Recipe::deploy).
  NetworkConfig trained_network() const {
    return {recipe_.network, recipe_.options, data_.size(), static_cast<int>(data_.labels().size()), 1};
  }

  /// The model file's words on this run, weights still missing.
  Model describe() const {
    Model model;
    model.name = recipe_.name;
    model.labels = data_.labels();
    if (const auto mean = data_.mean_landmarks()) {
      model.landmarks.clear();
      for (const Point p : *mean) model.landmarks.insert(model.landmarks.end(), {p.x, p.y});
    }
    model.network = trained_network();
    model.network.options.merge_patch(recipe_.deploy);
    model.recipe = to_json(recipe_);
    model.recipe["start"] = std::filesystem::path(recipe_.start).filename().string();
    model.data = {{"dataset", data_.dataset()}, {"split", "train"}, {"sha256", data_.sha256()}};
    return model;
  }

  /// The parameters of the trained network. Throws Error if `deploy` needs others.
  std::vector<ParameterSpec> parameters() const {
    const auto trained = describe_network(trained_network()).parameters();
    const auto deployed = describe_network(model_.network).parameters();
    const auto same = [](const auto& a, const auto& b) { return a.name == b.name && a.shape == b.shape; };
    if (!std::equal(trained.begin(), trained.end(), deployed.begin(), deployed.end(), same))
      throw Error("deployed network has other parameters than the trained one", recipe_.name + ": deploy");
    return frozen_before(recipe_.train_from, trained);
  }

  /// The same parameters, those before the first of layer `name` no longer trained.
  static std::vector<ParameterSpec> frozen_before(const std::string& name, std::vector<ParameterSpec> specs) {
    if (name.empty()) return specs;
    const auto first = std::find_if(specs.begin(), specs.end(),
                                    [&](const auto& spec) { return spec.name.starts_with(name + "."); });
    if (first == specs.end()) throw Error("network has no such layer to train from", name);
    for (auto spec = specs.begin(); spec != first; ++spec) spec->trained = false;
    return specs;
  }

  std::vector<std::int64_t> training_images() {
    auto indices = data_.indices("train", recipe_.supervision == "majority");
    const auto count = static_cast<std::int64_t>(indices.size());
    if (recipe_.images > 0 && recipe_.images < count) {
      const auto order = permutation(count, generator(recipe_.seed, Stream::subset, 0));
      std::vector<std::int64_t> drawn;
      for (std::int64_t i = 0; i < recipe_.images; ++i)
        drawn.push_back(indices[order[i].item<std::int64_t>()]);
      indices = std::move(drawn);
    }
    model_.data["images"] = indices.size();
    return indices;
  }

  /// Ensures that no other run uses the folder, and removes partial files of killed runs.
  void take_folder() {
    const auto path = (folder_ / "lock").string();
    lock_.reset(std::fopen(path.c_str(), "w"));
    if (!lock_) throw Error("file cannot be written", path);
    if (::flock(::fileno(lock_.get()), LOCK_EX | LOCK_NB) != 0)
      throw Error("another run is training in this folder", folder_.string());
    std::vector<std::filesystem::path> half_written;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      if (entry.path().filename().string().find(".tmp-") != std::string::npos)
        half_written.push_back(entry.path());
    for (const auto& file : half_written) std::filesystem::remove(file);
  }

  void begin_or_continue() {
    const auto file = folder_ / "checkpoint.safetensors";
    const bool continues = std::filesystem::exists(file);
    weights_ = to_torch(starting_weights(), specs_, device_);
    if (!continues && !recipe_.start.empty() && recipe_.reestimate_batch_norm) reestimate_batch_norm();
    optimizer_.emplace(weights_, specs_, recipe_.optimizer);
    begin_learning_weights();
    if (continues) {
      const auto state = load_checkpoint(file, identity(), parts());
      step_ = state.step;
      loss_sum_ = state.loss_sum;
      valid_accuracy_ = state.valid_accuracy;
      trim_log("log.jsonl");
      trim_log("losses.jsonl");
    } else {
      std::filesystem::remove(folder_ / "losses.jsonl");
      write_text_atomically(folder_ / "log.jsonl",
                            Json{{"recipe", model_.recipe}, {"data", model_.data}}.dump() + "\n");
    }
  }

  std::string name_in_start(const std::string& name) const {
    const auto dot = name.rfind('.');
    const auto layer = recipe_.start_as.find(name.substr(0, dot));
    return layer == recipe_.start_as.end() ? name : layer->get<std::string>() + name.substr(dot);
  }

  /// Takes `from` over if the shapes agree, or a classifier's [out, in] for [out, m in] features: repeated
  /// and divided by m, which gives the same result if every feature occurs m times. Returns whether it could.
  static bool take(const Weight& from, Weight& to) {
    if (from.shape == to.shape) {
      to = from;
      return true;
    }
    if (from.shape.size() != 2 || to.shape.size() != 2) return false;
    const auto in = from.shape[1], wide = to.shape[1];
    if (from.shape[0] != to.shape[0] || wide % in != 0) return false;
    const float share = static_cast<float>(in) / static_cast<float>(wide);
    for (std::int64_t i = 0; i < from.shape[0] * wide; ++i)
      to.values[i] = share * from.values[i / wide * in + i % wide % in];
    return true;
  }

  /// One s for each task whose weight is learned, from 0 on.
  void begin_learning_weights() {
    for (const auto& name : learned_tasks(recipe_.loss)) {
      uncertainties_[name] = at::zeros({1}, at::kFloat).to(device_).set_requires_grad(true);
      uncertainty_specs_.push_back({name, {1}, Initializer::zeros, true, /*decayed=*/false});
    }
    if (!uncertainties_.empty())
      uncertainty_optimizer_.emplace(uncertainties_, uncertainty_specs_, recipe_.optimizer);
  }

  Weights starting_weights() {
    auto weights = initial_weights(specs_, recipe_.seed);
    if (recipe_.start.empty()) return weights;
    const auto start = load_model(recipe_.start);
    std::size_t taken = 0;
    for (auto& [name, weight] : weights) {
      const auto found = start.weights.find(name_in_start(name));
      if (found != start.weights.end() && !begins_fresh(name) && take(found->second, weight)) ++taken;
    }
    if (taken == 0) throw Error("no weight has a name and shape of the network's", recipe_.start);
    model_.source = start.source;
    model_.licence = start.licence;
    return weights;
  }

  /// Whether a parameter belongs to a layer that is initialised at random.
  bool begins_fresh(const std::string& name) const {
    return std::ranges::any_of(recipe_.fresh,
                               [&](const auto& layer) { return name.starts_with(layer + "."); });
  }

  void reestimate_batch_norm() {
    const at::NoGradGuard no_gradients;
    const auto rows =
        permutation(train_.count(), generator(recipe_.seed, Stream::reestimate, 0)).slice(0, 0, 512);
    const auto seen =
        augment(train_.chips(rows), recipe_.augment, generator(recipe_.seed, Stream::reestimate, 1));
    TorchOps::Options options;
    options.batch_norm = BatchNormMode::reestimate;
    options.frame = seen.frame;
    options.landmarks = train_.landmarks(rows);
    TorchOps ops(weights_, seen.chips, options);
    build_network(ops, trained_network());
  }

  /// One step of gradient descent; its loss.
  double take_step(std::int64_t steps) {
    const auto epoch = step_ / steps_per_epoch_;
    if (epoch != order_epoch_) {
      order_ =
          order_of_epoch(train_.labels(), recipe_.oversample, generator(recipe_.seed, Stream::order, epoch));
      order_epoch_ = epoch;
    }
    const auto begin = step_ % steps_per_epoch_ * recipe_.batch;
    const auto rows = order_.slice(0, begin, begin + recipe_.batch);
    const auto randomness = generator(recipe_.seed, Stream::step, step_);
    const auto seen = augment(train_.chips(rows), recipe_.augment, randomness);
    TorchOps::Options options;
    options.batch_norm = recipe_.batch_norm == "batch" ? BatchNormMode::batch : BatchNormMode::running;
    options.precision = precision_;
    options.training = true;
    options.generator = randomness;
    options.frame = seen.frame;
    options.landmarks = train_.landmarks(rows);
    TorchOps ops(weights_, seen.chips, options);
    build_network(ops, trained_network());
    const Targets targets{train_.targets(rows), poses_in_frame(train_.poses(rows), seen.frame)};
    const auto done = static_cast<double>(step_) / static_cast<double>(steps);
    const auto terms = loss_terms(ops, targets, recipe_.loss, recipe_.options, done);
    const auto loss = total_of(terms, uncertainties_);
    if (terms.size() > 1 && (step_ + 1) % kStepsALine == 0) log_losses(terms);
    loss.backward();
    learn(learning_rate(recipe_.optimizer, step_, steps, steps_per_epoch_));
    return loss.item<double>();
  }

  void learn(double rate) {
    optimizer_->step(rate, step_);
    if (!uncertainty_optimizer_) return;
    uncertainty_optimizer_->step(rate, step_);
    const at::NoGradGuard no_gradients;
    for (auto& [name, s] : uncertainties_) s.clamp_(-kMostUncertain, kMostUncertain);
  }

  /// A line of losses.jsonl: what each loss is and how much it counts.
  void log_losses(const std::vector<LossTerm>& terms) {
    Json losses, weights;
    for (const auto& term : terms) {
      losses[term.name] = term.value.item<double>();
      weights[term.name] = weight_of(term, uncertainties_);
    }
    append("losses.jsonl", {{"step", step_ + 1}, {"losses", losses}, {"weights", weights}});
  }

  void append(const char* name, const Json& line) {
    std::ofstream log(folder_ / name, std::ios::app);
    log << line.dump() << std::endl;
    if (!log) throw Error("log cannot be written", (folder_ / name).string());
  }

  /// Evaluates the EMA weights, writes them as a model, and logs the epoch.
  void end_epoch() {
    auto& ema = optimizer_->ema();
    const auto said = logits_of(model_.network, ema, valid_, precision_).argmax(1);
    valid_accuracy_ = said.eq(valid_.labels()).to(at::kDouble).mean().item<double>();
    const auto epoch = step_ / steps_per_epoch_;
    model_.weights = from_torch(ema);
    model_.results = {
        {"valid", {{"accuracy", valid_accuracy_}, {"count", valid_.count()}, {"epoch", epoch}}}};
    save_model(folder_ / "model.safetensors", model_, DType::f16);
    append("log.jsonl", {{"step", step_},
                         {"epoch", epoch},
                         {"loss", loss_sum_ / static_cast<double>(steps_per_epoch_)},
                         {"valid_accuracy", valid_accuracy_}});
  }

  /// Removes log lines that are newer than the checkpoint; they will be written again.
  void trim_log(const char* name) {
    if (!std::filesystem::exists(folder_ / name)) return;
    std::istringstream log(read_text(folder_ / name));
    std::string kept;
    for (std::string line; std::getline(log, line);) {
      const auto entry = Json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (entry.is_object() && entry.value("step", std::int64_t{0}) <= step_) kept += line + "\n";
    }
    write_text_atomically(folder_ / name, kept);
  }

  /// What must be equal for a checkpoint to be continued.
  Json identity() const { return {{"recipe", model_.recipe}, {"data", model_.data}}; }

  CheckpointParts parts() {
    CheckpointParts all{
        {"weights", &weights_}, {"momentum", &optimizer_->momentum()}, {"ema", &optimizer_->ema()}};
    if (uncertainty_optimizer_) {
      all["uncertainties"] = &uncertainties_;
      all["uncertainties_momentum"] = &uncertainty_optimizer_->momentum();
    }
    return all;
  }

  void save() {
    const double epoch_loss = step_ % steps_per_epoch_ == 0 ? 0 : loss_sum_;
    save_checkpoint(folder_ / "checkpoint.safetensors", identity(), parts(),
                    {step_, epoch_loss, valid_accuracy_});
  }

  TrainProgress progress(std::int64_t steps, std::int64_t done, double seconds) const {
    const auto in_epoch = (step_ - 1) % steps_per_epoch_ + 1;
    const double per_step = seconds / static_cast<double>(done);
    return {.step = step_,
            .steps = steps,
            .epoch = static_cast<int>((step_ - 1) / steps_per_epoch_ + 1),
            .epochs = recipe_.epochs,
            .loss = loss_sum_ / static_cast<double>(in_epoch),
            .learning_rate = learning_rate(recipe_.optimizer, step_ - 1, steps, steps_per_epoch_),
            .images_per_second = recipe_.batch / per_step,
            .seconds_left = per_step * static_cast<double>(steps - step_),
            .valid_accuracy = valid_accuracy_};
  }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  const Recipe& recipe_;
  const PackedDataset& data_;
  std::filesystem::path folder_;
  std::unique_ptr<std::FILE, Close> lock_;
  TrainOptions options_;
  at::Device device_;
  at::ScalarType precision_;
  Model model_;
  std::vector<ParameterSpec> specs_;
  Part train_, valid_;
  std::int64_t steps_per_epoch_;
  TorchWeights weights_;
  std::optional<Optimizer> optimizer_;
  // Learned weights change by at most a factor of exp(kMostUncertain), since the weight of a loss that can
  // reach 0 would grow without limit.
  static constexpr double kMostUncertain = 2;
  TorchWeights uncertainties_;
  std::vector<ParameterSpec> uncertainty_specs_;
  std::optional<Optimizer> uncertainty_optimizer_;
  at::Tensor order_;
  std::int64_t order_epoch_ = -1, step_ = 0;
  double loss_sum_ = 0, valid_accuracy_ = -1;
};

}  // namespace

bool train(const Recipe& recipe, const PackedDataset& data, const std::filesystem::path& run,
           const TrainOptions& options, const std::function<void(const TrainProgress&)>& on_progress,
           const std::atomic<bool>* stop) {
  check_recipe(recipe, recipe.name);
  return Run(recipe, data, run, options).go(on_progress, stop);
}

std::vector<float> predict_logits(const Model& model, const PackedDataset& data,
                                  const std::vector<std::int64_t>& indices, const std::string& device) {
  const auto specs = describe_network(model.network).parameters();
  const auto place = device_of(device);
  auto weights = to_torch(model.weights, specs, place);
  const Part part(data, indices, false, landmark_places(model.chip()), place);
  const auto logits = logits_of(model.network, weights, part, at::kFloat).contiguous();
  const float* begin = logits.const_data_ptr<float>();
  return {begin, begin + logits.numel()};
}

}  // namespace regard
