#include "train/hooks.h"

#include <algorithm>

#include "regard/network/table.h"

namespace regard {

at::Tensor logits_of(const NetworkConfig& network, TorchWeights& weights, const DataSource& source,
                     at::ScalarType precision, at::Device device) {
  if (source.count() == 0) throw Error("split has no images to look at");
  const at::NoGradGuard no_gradients;
  constexpr std::int64_t kBatch = 64;
  TorchOps::Options options;
  options.precision = precision;
  std::vector<at::Tensor> logits;
  for (std::int64_t begin = 0; begin < source.count(); begin += kBatch) {
    const auto rows = at::arange(begin, std::min(begin + kBatch, source.count()), at::kLong);
    const auto batch = source.batch(rows).to(device);
    options.landmarks = batch.landmarks;
    TorchOps ops(weights, batch.chips, options);
    build_network(ops, network);
    logits.push_back(ops.output("logits").to(at::kCPU));
  }
  return at::cat(logits);
}

void Validation::on_epoch(EpochDone& epoch) {
  const auto said = logits_of(network_, epoch.average, source_, precision_, device_).argmax(1);
  epoch.valid_accuracy = said.eq(source_.labels()).to(at::kDouble).mean().item<double>();
}

void ModelWriter::on_epoch(EpochDone& epoch) {
  model_.weights = from_torch(epoch.average);
  if (epoch.valid_accuracy >= 0)
    model_.results[model_.data.at("validate_on").get<std::string>()] = {
        {"accuracy", epoch.valid_accuracy}, {"count", valid_images_}, {"epoch", epoch.epoch}};
  save_model(folder_.model(), model_, DType::f16);
}

void EpochLog::on_epoch(EpochDone& epoch) {
  Json line{{"step", epoch.step}, {"epoch", epoch.epoch}, {"loss", epoch.loss}};
  if (epoch.valid_accuracy >= 0) line["valid_accuracy"] = epoch.valid_accuracy;
  folder_.append(kFile, line);
}

void LossLog::on_losses(std::int64_t step, const std::vector<LossTerm>& terms,
                        const TorchWeights& uncertainties) {
  if (terms.size() < 2 || (step + 1) % kStepsALine != 0) return;
  Json losses, weights;
  for (const auto& term : terms) {
    losses[term.name] = term.value.item<double>();
    weights[term.name] = weight_of(term, uncertainties);
  }
  folder_.append(kFile, {{"step", step + 1}, {"losses", losses}, {"weights", weights}});
}

}  // namespace regard
