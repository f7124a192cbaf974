#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lab/recipe/augment_options.h"
#include "lab/recipe/loss_options.h"
#include "lab/recipe/optimizer_options.h"
#include "regard/core/options.h"

/// Recipes do not depend on torch, so that the program can read them.
namespace regard {

/// The value of Recipe::validate_on for validating on the held-out fold.
inline constexpr const char* kHeldOut = "held_out";

/// Supervision by soft labels or by majority labels.
struct Supervision {
  const char* name;
  bool by_majority;  ///< then images without a majority label are left out
};

inline constexpr std::array kSupervisions{Supervision{"soft_labels", false}, Supervision{"majority", true}};

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
  std::vector<std::string> train_on{"train"};
  std::string validate_on = "valid";
  std::string folds;
  int held_out_fold = -1;
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
    visit("train_on", train_on, "splits for training");
    visit("validate_on", validate_on,
          "split for validation after every epoch; held_out: the held-out fold; empty: none");
    visit("folds", folds, "list of folds, with a line NAME,FOLD per image; empty: none");
    visit("held_out_fold", held_out_fold, "fold that is held out of the training splits; -1: none");
    visit("epochs", epochs, "passes over the training images");
    visit("batch", batch, "images per step");
    visit("seed", seed, "seed of initial weights, order, augmentation and dropout");
    visit("images", images, "number of training images, sampled with the seed; 0: all");
    visit("oversample", oversample,
          "sample the images of an epoch with replacement so that all classes are equally frequent; needs "
          "majority labels");
    visit("precision", precision, "precision of convolutions in training: f32 or bf16");
    visit("loss", loss, "loss terms");
    visit("optimizer", optimizer, "optimizer settings");
    visit("augment", augment, "augmentation");
  }
};

/// Reads a recipe: a TOML file, or the same as a .json. Its key `base` names another recipe, relative to its
/// folder, to which it adds the differences. A relative `start` or `folds` is relative to the folder of the
/// file that says it. Throws Error for bad TOML (with its line), unknown keys, values of the wrong type or
/// out of range, and for recipes that are based on themselves.
Recipe read_recipe(const std::filesystem::path& path);

/// The merged text of a recipe and its bases, unchecked: see read_recipe.
Json read_recipe_text(const std::filesystem::path& path);

/// Throws Error for the first value that is out of its range.
void check_recipe(const Recipe& recipe, const std::string& where);

}  // namespace regard
