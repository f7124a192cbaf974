#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lab/recipe/augment_options.h"
#include "lab/recipe/loss_options.h"
#include "regard/core/options.h"

/// Recipes do not depend on torch, so that the program can read them.
namespace regard {

/// Stochastic gradient descent with momentum, a learning rate schedule, and an exponential moving average
/// (EMA) of the weights.
struct OptimizerOptions {
  std::string schedule = "one_cycle";
  float learning_rate = 0.02f;
  float warmup = 0.25f;
  float initial_fraction = 0.04f;
  std::vector<int> milestones{15, 30};
  float gamma = 0.1f;
  float momentum = 0.9f;
  bool nesterov = true;
  float weight_decay = 5e-4f;
  float max_grad_norm = 5;
  float ema_decay = 0.998f;
  std::vector<std::string> lr_scale_layers{};
  float lr_scale = 10;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("schedule", schedule,
          "learning rate schedule: one_cycle (rises, then falls to 0; Smith & Topin, 2019) or steps (drops "
          "at milestones)");
    visit("learning_rate", learning_rate, "highest learning rate");
    visit("warmup", warmup,
          "one_cycle: fraction of the steps in which the learning rate rises, by half a cosine; then it "
          "falls to 0");
    visit("initial_fraction", initial_fraction,
          "one_cycle: initial learning rate, as a fraction of the highest");
    visit("milestones", milestones, "steps: epochs after which the learning rate drops");
    visit("gamma", gamma, "steps: factor of each drop");
    visit("momentum", momentum, "of the gradient");
    visit("nesterov", nesterov, "use Nesterov momentum");
    visit("weight_decay", weight_decay,
          "weight decay weight decay of matrices and kernels; biases and batch norms have none");
    visit("max_grad_norm", max_grad_norm, "maximum norm of the gradient over all parameters; 0: no limit");
    visit("ema_decay", ema_decay,
          "decay per step of the exponential moving average of the weights, which becomes the model");
    visit("lr_scale_layers", lr_scale_layers,
          "parameter group with a learning rate of its own: layers whose names start with one of these, e.g. "
          "layers without pretrained weights");
    visit("lr_scale", lr_scale, "factor of the learning rate of lr_scale_layers");
  }
};

/// One experiment: everything that determines the weights, other than the data.
struct Recipe {
  std::string name = "run";
  std::string network = "plain";
  Json options = Json::object();
  Json deploy = Json::object();
  std::string start;
  Json start_as = Json::object();
  std::vector<std::string> fresh;
  bool reestimate_batch_norm = true;
  std::string train_from;
  std::string batch_norm = "batch";
  std::string supervision = "soft_labels";
  int epochs = 8;
  int batch = 64;
  std::int64_t seed = 1;
  std::int64_t images = 0;
  bool oversample = false;
  std::string precision = "f32";
  LossOptions loss;
  OptimizerOptions optimizer;
  AugmentOptions augment;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("name", name, "name of the model");
    visit("network", network, "name in the table of networks");
    visit("options", options, "options of the network");
    visit("deploy", deploy, "options that differ when the trained network is used, e.g. flip_tta");
    visit("start", start,
          "model file to initialise from: weights with the same name and shape are used, those of a "
          "classifier also for a multiple of its features; empty: none");
    visit("start_as", start_as,
          "layers initialised from another layer of the start, e.g. {view_fc = \"fc\"}");
    visit("fresh", fresh,
          "layers initialised at random although the start has them, e.g. fc, the classifier");
    visit("reestimate_batch_norm", reestimate_batch_norm,
          "re-estimate the batch norm statistics of the start on the data first, without changing the "
          "function");
    visit("train_from", train_from,
          "name of the first layer that is trained; earlier layers and their batch norms are frozen; empty: "
          "all are trained");
    visit("batch_norm", batch_norm,
          "statistics used by batch norms in training: batch, or running (those of the start, frozen)");
    visit("supervision", supervision, "soft_labels (label distribution) or majority");
    visit("epochs", epochs, "passes over the training split");
    visit("batch", batch, "images per step");
    visit("seed", seed, "seed of initial weights, order, augmentation and dropout");
    visit("images", images, "number of training images, sampled with the seed; 0: all");
    visit("oversample", oversample,
          "sample the images of an epoch with replacement so that all classes are equally frequent; needs "
          "majority labels");
    visit("precision", precision, "precision precision of convolutions in training: f32 or bf16");
    visit("loss", loss, "loss terms");
    visit("optimizer", optimizer, "optimizer settings");
    visit("augment", augment, "augmentation");
  }
};

/// Reads a recipe: a TOML file, or the same as a .json. Its key `base` names another recipe, relative to its
/// folder, to which it adds the differences. A relative `start` is relative to the folder of the file that
/// says it. Throws Error for bad TOML (with its line), unknown keys, values of the wrong type or out of
/// range, and for recipes that are based on themselves.
Recipe read_recipe(const std::filesystem::path& path);

/// The merged text of a recipe and its bases, unchecked: see read_recipe.
Json read_recipe_text(const std::filesystem::path& path);

/// Throws Error for the first value that is out of its range.
void check_recipe(const Recipe& recipe, const std::string& where);

}  // namespace regard
