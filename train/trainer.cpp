#include "train/trainer.h"

#include <ATen/Context.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "regard/core/table.h"
#include "train/checkpoint.h"
#include "train/data_source.h"
#include "train/hooks.h"
#include "train/images.h"
#include "train/learner.h"
#include "train/precision.h"
#include "train/prefetcher.h"
#include "train/random.h"
#include "train/run_folder.h"
#include "train/start.h"

namespace regard {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point t) {
  return std::chrono::duration<double>(Clock::now() - t).count();
}

/// The network as it is trained; the model file holds it as it is used (Recipe::deploy).
NetworkConfig trained_network(const Recipe& recipe, const PackedDataset& data) {
  return {recipe.network, recipe.options, data.size(), static_cast<int>(data.labels().size()), 1};
}

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

/// The model file's words on a run, weights still missing.
Model describe(const Recipe& recipe, const PackedDataset& data, const TrainingImages& images) {
  Model model;
  model.name = recipe.name;
  model.labels = data.labels();
  if (const auto mean = mean_landmarks(data)) {
    model.landmarks.clear();
    for (const Point p : *mean) model.landmarks.insert(model.landmarks.end(), {p.x, p.y});
  }
  model.network = trained_network(recipe, data);
  model.network.options.merge_patch(recipe.deploy);
  model.recipe = to_json(recipe);
  model.recipe["start"] = file_name(recipe.start);
  model.recipe["folds"] = file_name(recipe.folds);
  model.data = {{"dataset", data.dataset()}, {"sha256", data.sha256()}, {"images", images.train.size()}};
  model.data.update(images.about);
  return model;
}

/// The same parameters, those before the first of layer `name` no longer trained.
std::vector<ParameterSpec> frozen_before(const std::string& name, std::vector<ParameterSpec> specs) {
  if (name.empty()) return specs;
  const auto first =
      std::ranges::find_if(specs, [&](const auto& spec) { return spec.name.starts_with(name + "."); });
  if (first == specs.end()) throw Error("network has no such layer to train from", name);
  for (auto spec = specs.begin(); spec != first; ++spec) spec->trained = false;
  return specs;
}

/// Those of the network as it is trained. Throws Error if `deploy` asks for a network with others, and for
/// losses that the network has no output for.
std::vector<ParameterSpec> parameters(const Recipe& recipe, const NetworkConfig& trained,
                                      const NetworkConfig& deployed) {
  const auto network = describe_network(trained);
  check_losses(recipe.loss, network, recipe.name);
  const auto others = describe_network(deployed).parameters();
  const auto same = [](const auto& a, const auto& b) { return a.name == b.name && a.shape == b.shape; };
  if (!std::ranges::equal(network.parameters(), others, same))
    throw Error("deployed network has other parameters than the trained one", recipe.name + ": deploy");
  return frozen_before(recipe.train_from, network.parameters());
}

/// The images of a recipe, with the seeded subset for training.
TrainingImages chosen_images(const Recipe& recipe, const PackedDataset& data) {
  auto images = training_images(recipe, data);
  const auto count = static_cast<std::int64_t>(images.train.size());
  if (recipe.images == 0 || recipe.images >= count) return images;
  const auto order = permutation(count, generator(recipe.seed, Stream::subset, 0));
  std::vector<std::int64_t> drawn;
  for (std::int64_t i = 0; i < recipe.images; ++i)
    drawn.push_back(images.train[static_cast<std::size_t>(order[i].item<std::int64_t>())]);
  images.train = std::move(drawn);
  return images;
}

DataSource training_source(const Recipe& recipe, const PackedDataset& data, const TrainingImages& images,
                           const Landmarks& mean) {
  DataSource source(data, images.train,
                    find_row(kSupervisions, recipe.supervision, "supervision").by_majority, mean);
  if (want_poses(recipe.loss) && !source.knows_poses())
    throw Error("no image of the training part has a head pose", recipe.name + ": loss.pose",
                "a data set packed with poses, or a weight of 0");
  return source;
}

/// Throws Error for processes that cannot train this recipe together.
Shard shard_of(const Recipe& recipe, const World& world, at::Device device) {
  if (world.size() > 1 && !device.is_cpu())
    throw Error("several processes train on CPUs only", "device", "cpu", device.str());
  if (recipe.batch % world.size() != 0)
    throw Error("batch cannot be divided evenly among the processes", recipe.name,
                "a multiple of " + std::to_string(world.size()), std::to_string(recipe.batch));
  return {world.rank(), world.size()};
}

/// A running sum of losses on the device, so that steps do not wait for it.
class LossSum {
 public:
  explicit LossSum(at::Device device) : sum_(at::zeros({}, at::TensorOptions(device).dtype(at::kDouble))) {}
  void add(const at::Tensor& loss) { sum_.add_(loss); }
  void set(double value) { sum_.fill_(value); }
  double read() const { return sum_.item<double>(); }

 private:
  at::Tensor sum_;
};

std::vector<at::Tensor> tensors_of(const CheckpointParts& parts) {
  std::vector<at::Tensor> all;
  for (const auto& [name, tensors] : parts)
    for (const auto& [parameter, tensor] : *tensors) all.push_back(tensor);
  return all;
}

/// Gives all processes the state of the first one. Returns its step.
std::int64_t start_alike(const World& world, const CheckpointParts& parts, std::int64_t step) {
  const auto number = at::scalar_tensor(step, at::kLong);
  auto state = tensors_of(parts);
  state.push_back(number);
  world.copy_from_first(state);
  return number.item<std::int64_t>();
}

/// A recipe on its data, in its folder.
class Run {
 public:
  Run(const Recipe& recipe, const PackedDataset& data, const std::filesystem::path& folder,
      const TrainOptions& options, const World& world)
      : recipe_(recipe),
        world_(world),
        options_(options),
        device_(device_of(options.device)),
        images_(chosen_images(recipe, data)),
        model_(describe(recipe, data, images_)),
        specs_(parameters(recipe, trained_network(recipe, data), model_.network)),
        train_(training_source(recipe, data, images_, landmark_places(model_.chip()))),
        valid_(data, images_.valid, false, landmark_places(model_.chip())),
        order_(train_.labels(),
               {recipe.seed, recipe.batch, recipe.oversample, shard_of(recipe, world, device_)}, recipe.name),
        steps_(order_.steps_per_epoch() * recipe.epochs),
        folder_(folder, world.is_first()),
        loss_sum_(device_) {
    auto start = starting_weights(recipe, specs_, model_.labels);
    const auto priors = train_.class_priors();
    model_.prior =
        assumed_prior(recipe.loss, recipe.oversample ? at::full_like(priors, 1. / priors.numel()) : priors);
    model_.source = start.source, model_.licence = start.licence;
    learner_ = std::make_unique<Learner>(recipe, trained_network(recipe, data), specs_, start.weights, priors,
                                         device_, world_);
    folder_.has_checkpoint() ? go_on() : begin(start.about);
    step_ = start_alike(world_, learner_->parts(), step_);
    if (world_.is_first()) add_hooks();
  }

  bool go(const std::function<void(const TrainProgress&)>& on_progress, const std::atomic<bool>* stop) {
    const auto began = Clock::now();
    auto saved = began;
    const std::int64_t first = step_;
    Prefetcher<Batch> batches([this](std::int64_t step) { return train_.batch(order_.rows(step)); }, first,
                              steps_, kBatchesAhead);
    while (step_ < steps_) {
      take_step(batches.next().to(device_));
      const bool epoch_ends = step_ % order_.steps_per_epoch() == 0;
      if (epoch_ends) end_epoch();
      const bool stops =
          world_.any(stop && *stop) || (options_.stop_after > 0 && step_ - first >= options_.stop_after);
      if (epoch_ends || stops || seconds_since(saved) > options_.checkpoint_seconds) {
        save();
        saved = Clock::now();
      }
      if (on_progress) on_progress(progress(step_ - first, seconds_since(began)));
      if (epoch_ends) loss_sum_.set(0);
      if (stops) break;
    }
    return step_ == steps_;
  }

 private:
  static constexpr std::size_t kBatchesAhead = 4;
  static constexpr std::int64_t kStepsALoss = 10;  // between two looks at the loss

  void begin(const Json& start) {
    if (!recipe_.start.empty() && recipe_.reestimate_batch_norm) {
      const auto rows = permutation(train_.count(), generator(recipe_.seed, Stream::reestimate, 0));
      learner_->reestimate_batch_norm(train_.batch(rows.slice(0, 0, 512)).to(device_));
    }
    folder_.begin_log(LossLog::kFile);
    Json line = identity();
    if (!start.empty()) line["start"] = start;
    folder_.begin_log(EpochLog::kFile, line);
  }

  void go_on() {
    const auto state = load_checkpoint(folder_.checkpoint(), identity(), learner_->parts());
    step_ = state.step;
    loss_sum_.set(state.loss_sum);
    valid_accuracy_ = state.valid_accuracy;
    for (const auto* log : {EpochLog::kFile, LossLog::kFile}) folder_.trim_log(log, step_);
  }

  void add_hooks() {
    hooks_.push_back(std::make_unique<LossLog>(folder_));
    if (valid_.count() > 0)
      hooks_.push_back(std::make_unique<Validation>(model_.network, valid_, precision_of(recipe_), device_));
    hooks_.push_back(std::make_unique<ModelWriter>(folder_, model_, valid_.count()));
    hooks_.push_back(std::make_unique<EpochLog>(folder_));
  }

  void take_step(const Batch& batch) {
    const auto on_losses = [this](const auto& terms, const auto& uncertainties) {
      for (const auto& hook : hooks_) hook->on_losses(step_, terms, uncertainties);
    };
    loss_sum_.add(learner_->step(batch, place(step_), on_losses));
    ++step_;
  }

  void end_epoch() {
    if (!world_.agrees(tensors_of(learner_->parts())))
      throw Error("processes no longer have the same weights", recipe_.name);
    mean_loss_ = loss_sum_.read() / static_cast<double>(order_.steps_per_epoch());
    EpochDone epoch{step_, step_ / order_.steps_per_epoch(), mean_loss_, learner_->ema()};
    for (const auto& hook : hooks_) hook->on_epoch(epoch);
    valid_accuracy_ = epoch.valid_accuracy;
  }

  /// What must be equal for a checkpoint to be continued.
  Json identity() const { return {{"recipe", model_.recipe}, {"data", model_.data}}; }

  void save() {
    if (!world_.is_first()) return;
    const double epoch_loss = step_ % order_.steps_per_epoch() == 0 ? 0 : loss_sum_.read();
    save_checkpoint(folder_.checkpoint(), identity(), learner_->parts(),
                    {step_, epoch_loss, valid_accuracy_});
  }

  SchedulePlace place(std::int64_t step) const { return {step, steps_, order_.steps_per_epoch()}; }

  TrainProgress progress(std::int64_t done, double seconds) {
    const auto in_epoch = (step_ - 1) % order_.steps_per_epoch() + 1;
    if (in_epoch % kStepsALoss == 0) mean_loss_ = loss_sum_.read() / static_cast<double>(in_epoch);
    const double per_step = seconds / static_cast<double>(done);
    return {.step = step_,
            .steps = steps_,
            .epoch = static_cast<int>((step_ - 1) / order_.steps_per_epoch() + 1),
            .epochs = recipe_.epochs,
            .loss = mean_loss_,
            .learning_rate = learning_rate(recipe_.optimizer, place(step_ - 1)),
            .images_per_second = recipe_.batch / per_step,
            .seconds_left = per_step * static_cast<double>(steps_ - step_),
            .valid_accuracy = valid_accuracy_};
  }

  const Recipe& recipe_;
  const World& world_;
  TrainOptions options_;
  at::Device device_;
  TrainingImages images_;
  Model model_;
  std::vector<ParameterSpec> specs_;
  DataSource train_, valid_;
  BatchOrder order_;
  std::int64_t steps_, step_ = 0;
  RunFolder folder_;
  std::unique_ptr<Learner> learner_;
  std::vector<std::unique_ptr<Hook>> hooks_;
  LossSum loss_sum_;
  double mean_loss_ = 0, valid_accuracy_ = -1;
};

}  // namespace

at::Device device_of(const std::string& name) {
  const bool cuda = name == "cuda" || name.starts_with("cuda:");
  if (name != "cpu" && !cuda) throw Error("unknown device", name, "cpu, cuda or cuda:N");
  if (cuda && !at::hasCUDA())
    throw Error("no GPU can be used", name, "a libtorch with CUDA, and a GPU that its driver sees");
  at::globalContext().setAllowTF32CuDNN(false);
  return at::Device(name);
}

bool train(const Recipe& recipe, const PackedDataset& data, const std::filesystem::path& run,
           const TrainOptions& options, const std::function<void(const TrainProgress&)>& on_progress,
           const std::atomic<bool>* stop, const World& world) {
  check_recipe(recipe, recipe.name);
  return Run(recipe, data, run, options, world)
      .go(world.is_first() ? on_progress : std::function<void(const TrainProgress&)>(), stop);
}

std::vector<float> predict_logits(const Model& model, const PackedDataset& data,
                                  const std::vector<std::int64_t>& indices, const std::string& device) {
  const auto specs = describe_network(model.network).parameters();
  const auto place = device_of(device);
  auto weights = to_torch(model.weights, specs, place);
  const DataSource source(data, indices, false, landmark_places(model.chip()));
  const auto logits = logits_of(model.network, weights, source, at::kFloat, place).contiguous();
  const float* begin = logits.const_data_ptr<float>();
  return {begin, begin + logits.numel()};
}

}  // namespace regard
