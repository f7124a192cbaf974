#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lab/recipe/augment_options.h"
#include "lab/recipe/loss_options.h"
#include "regard/core/options.h"

/// Recipes are without torch, so that the program can read them, too.
namespace regard {

/// Stochastic gradient descent with momentum, its rate by a schedule, and a moving average of the weights.
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
          "of the rate: one_cycle (it rises, then falls to 0; Smith & Topin, 2019) or steps (it drops after "
          "some epochs)");
    visit("learning_rate", learning_rate, "highest learning rate");
    visit("warmup", warmup,
          "one_cycle: share of the steps in which the rate rises, by half a cosine; then it falls to 0");
    visit("initial_fraction", initial_fraction, "one_cycle: the first rate, as a share of the highest");
    visit("milestones", milestones, "steps: the epochs after which the rate drops");
    visit("gamma", gamma, "steps: what the rate is multiplied by then");
    visit("momentum", momentum, "of the gradient");
    visit("nesterov", nesterov, "momentum in Nesterov's form, else the plain one");
    visit("weight_decay", weight_decay, "of matrices and kernels; biases and batch norms have none");
    visit("max_grad_norm", max_grad_norm, "longest gradient, all parameters together; 0: no limit");
    visit("ema_decay", ema_decay, "decay a step of the moving average of the weights, which is what is kept");
    visit("lr_scale_layers", lr_scale_layers,
          "layers whose names begin so learn at a higher rate, e.g. those that begin at random behind others "
          "that do not");
    visit("lr_scale", lr_scale, "what the rate is multiplied by for them");
  }
};

/// One experiment: everything that decides what weights come out, besides the data.
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
    visit("name", name, "what the model is called");
    visit("network", network, "the network, from the table of networks");
    visit("options", options, "the network's own options");
    visit("deploy", deploy, "options that the trained network is used with where they differ, e.g. flip_tta");
    visit("start", start,
          "model file whose weights of the same name and shape are taken, a classifier's also for several "
          "times as many features; empty: none");
    visit("start_as", start_as,
          "layers that take another layer's weights from the start, e.g. {view_fc = \"fc\"}");
    visit("fresh", fresh, "layers that begin at random though the start has them, e.g. fc, the classifier");
    visit("reestimate_batch_norm", reestimate_batch_norm,
          "give a start's batch norms the data's statistics first, keeping what they compute");
    visit("train_from", train_from,
          "name of the first layer that is trained; those before it in the network stay as the start has "
          "them, their batch norms too; empty: all are trained");
    visit("batch_norm", batch_norm,
          "by what batch norms normalise in training: batch, its own statistics, or running, those that the "
          "start brings, which stay as they are");
    visit("supervision", supervision, "soft_labels (label distribution) or majority");
    visit("epochs", epochs, "passes over the training part");
    visit("batch", batch, "images a step");
    visit("seed", seed, "of fresh weights, order, augmentation and dropout");
    visit("images", images, "train on so many images only, drawn by the seed; 0: all");
    visit("oversample", oversample,
          "draw an epoch's images, with repetitions, so that every class comes equally often; of images with "
          "a majority label");
    visit("precision", precision, "of convolutions in training: f32 or bf16");
    visit("loss", loss, "what training makes small");
    visit("optimizer", optimizer, "how weights are changed");
    visit("augment", augment, "how images are varied");
  }
};

/// Reads a recipe: a TOML file, or the same as a .json. Its key `base` names another recipe, relative to the
/// recipe's folder, of which it says the differences. A relative `start` is relative to the folder of the
/// file that says it. Throws Error for bad TOML (with its line), unknown keys, values of the wrong type or
/// out of range, and for recipes that are based on themselves.
Recipe read_recipe(const std::filesystem::path& path);

/// What a recipe's file and those it is based on say, unchecked: see read_recipe.
Json read_recipe_text(const std::filesystem::path& path);

/// Throws Error for the first value that is out of its range.
void check_recipe(const Recipe& recipe, const std::string& where);

}  // namespace regard
