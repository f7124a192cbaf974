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

/// Recipes are without torch, so that the program can read them, too.
namespace regard {

/// What Recipe::validate_on says where the fold that is held out is measured.
inline constexpr const char* kHeldOut = "held_out";

/// How an image's label is told: by the distribution of its annotators' soft labels, or by the majority's
/// alone.
struct Supervision {
  const char* name;
  bool by_majority;  ///< then images without a majority label are left out
};

inline constexpr std::array kSupervisions{Supervision{"soft_labels", false}, Supervision{"majority", true}};

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
    visit("train_on", train_on, "the splits that are trained on");
    visit("validate_on", validate_on,
          "the split that every epoch is measured on; held_out: the fold that is held out; empty: none");
    visit("folds", folds, "list of folds, a line NAME,FOLD for each image; empty: none");
    visit("held_out_fold", held_out_fold,
          "this fold of the splits that are trained on is left out of them; -1: none");
    visit("epochs", epochs, "passes over what is trained on");
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
/// recipe's folder, of which it says the differences. A relative `start` or `folds` is relative to the folder
/// of the file that says it. Throws Error for bad TOML (with its line), unknown keys, values of the wrong
/// type or out of range, and for recipes that are based on themselves.
Recipe read_recipe(const std::filesystem::path& path);

/// What a recipe's file and those it is based on say, unchecked: see read_recipe.
Json read_recipe_text(const std::filesystem::path& path);

/// Throws Error for the first value that is out of its range.
void check_recipe(const Recipe& recipe, const std::string& where);

}  // namespace regard
