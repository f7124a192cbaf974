#include "lab/recipe/recipe.h"

#include <algorithm>
#include <concepts>

#include "lab/recipe/schedule.h"
#include "regard/core/file.h"
#include "regard/core/table.h"
#include "regard/core/toml.h"

namespace regard {

namespace {

/// Throws for a value that is out of its range.
struct Check {
  std::string where;

  template <class Value>
  void operator()(bool good, const char* key, const std::string& expected, const Value& value) const {
    if (!good)
      throw Error("value is out of range", where + ": " + key, expected, field_to_json(value).dump());
  }
};

void check_augment(const AugmentOptions& augment, const std::string& where) {
  const Check check{where};
  const auto share = [](float value) { return value >= 0 && value <= 1; };
  check(augment.rotation >= 0 && augment.rotation <= 180, "rotation", "0 to 180", augment.rotation);
  check(share(augment.scale), "scale", "0 to 1", augment.scale);
  check(share(augment.shift), "shift", "0 to 1", augment.shift);
  check(share(augment.contrast), "contrast", "0 to 1", augment.contrast);
  check(share(augment.brightness), "brightness", "0 to 1", augment.brightness);
  check(share(augment.blur), "blur", "0 to 1", augment.blur);
  check(augment.noise >= 0 && augment.noise <= 255, "noise", "0 to 255", augment.noise);
  check(share(augment.random_erasing), "random_erasing", "0 to 1", augment.random_erasing);
  check(share(augment.occlude), "occlude", "0 to 1", augment.occlude);
}

void check_loss(const LossOptions& loss, const std::string& where) {
  const Check check{where};
  check(loss.scored == "face" || loss.scored == "views", "scored", "face or views", loss.scored);
  find_row(kBiasedWeights, loss.biased, "biased weights");
  check(std::ranges::find(kBalances, loss.balance) != kBalances.end(), "balance", join(kBalances),
        loss.balance);
  LossOptions(loss).visit([&](const char* name, auto& value, const char*) {
    if constexpr (std::same_as<std::remove_reference_t<decltype(value)>, float>)
      check(value >= 0, name, "0 or more", value);
  });
  check(loss.guide_until > 0 && loss.guide_until <= 1, "guide_until", "above 0, to 1", loss.guide_until);
  check(loss.guide_to == "response" || loss.guide_to == "landmarks", "guide_to", "response or landmarks",
        loss.guide_to);
}

void check_optimizer(const OptimizerOptions& optimizer, const std::string& where) {
  const Check check{where};
  find_row(kSchedules, optimizer.schedule, "schedule");
  check(optimizer.learning_rate > 0, "learning_rate", "above 0", optimizer.learning_rate);
  check(optimizer.warmup >= 0 && optimizer.warmup < 1, "warmup", "0 to below 1", optimizer.warmup);
  check(optimizer.initial_fraction > 0 && optimizer.initial_fraction <= 1, "initial_fraction",
        "above 0, to 1", optimizer.initial_fraction);
  check(std::is_sorted(optimizer.milestones.begin(), optimizer.milestones.end()) &&
            (optimizer.milestones.empty() || optimizer.milestones.front() > 0),
        "milestones", "numbers of epochs, ascending", optimizer.milestones);
  check(optimizer.gamma > 0 && optimizer.gamma <= 1, "gamma", "above 0, to 1", optimizer.gamma);
  check(optimizer.momentum >= 0 && optimizer.momentum < 1, "momentum", "0 to below 1", optimizer.momentum);
  check(optimizer.weight_decay >= 0, "weight_decay", "0 or more", optimizer.weight_decay);
  check(optimizer.lr_scale > 0, "lr_scale", "above 0", optimizer.lr_scale);
  check(optimizer.max_grad_norm >= 0, "max_grad_norm", "0 or more", optimizer.max_grad_norm);
  check(optimizer.ema_decay >= 0 && optimizer.ema_decay < 1, "ema_decay", "0 to below 1",
        optimizer.ema_decay);
}

/// The contents of one file, with resolved paths.
Json read_own(const std::filesystem::path& path) {
  Json json = path.extension() == ".json" ? Json::parse(read_text(path), nullptr, false) : read_toml(path);
  if (!json.is_object()) throw Error("recipe is no JSON object", path.string());
  for (const char* key : {"base", "start", "folds"}) {
    if (!json.contains(key)) continue;
    if (!json[key].is_string())
      throw Error("option has the wrong type", path.string() + ": " + key, "a file", json[key].dump());
    const auto file = json[key].get<std::string>();
    if (!file.empty()) json[key] = (path.parent_path() / file).lexically_normal().string();
  }
  return json;
}

void check_splits(const Recipe& recipe, const std::string& where) {
  const Check check{where};
  const auto& splits = recipe.train_on;
  check(!splits.empty(), "train_on", "one split or more", splits);
  check(std::ranges::find(splits, recipe.validate_on) == splits.end(), "validate_on",
        "a split that is not trained on", recipe.validate_on);
  check(recipe.held_out_fold >= -1, "held_out_fold", "-1 or more", recipe.held_out_fold);
  check(recipe.held_out_fold < 0 || !recipe.folds.empty(), "folds", "a list, where a fold is held out",
        recipe.folds);
  check(recipe.validate_on != kHeldOut || recipe.held_out_fold >= 0, "held_out_fold",
        "a fold, where the one that is held out is validated on", recipe.held_out_fold);
}

}  // namespace

void check_recipe(const Recipe& recipe, const std::string& where) {
  const Check check{where};
  const auto& supervision = find_row(kSupervisions, recipe.supervision, "supervision");
  check_splits(recipe, where);
  check(recipe.batch_norm == "batch" || recipe.batch_norm == "running", "batch_norm", "batch or running",
        recipe.batch_norm);
  check(recipe.precision == "f32" || recipe.precision == "bf16", "precision", "f32 or bf16",
        recipe.precision);
  check(recipe.epochs > 0, "epochs", "1 or more", recipe.epochs);
  check(recipe.batch > 1, "batch", "2 or more", recipe.batch);
  check(recipe.images >= 0, "images", "0 or more", recipe.images);
  check(!recipe.oversample || supervision.by_majority, "oversample",
        "false where supervision is " + recipe.supervision, recipe.oversample);
  check_optimizer(recipe.optimizer, where + ": optimizer");
  check_augment(recipe.augment, where + ": augment");
  check_loss(recipe.loss, where + ": loss");
}

Json read_recipe_text(const std::filesystem::path& path) {
  std::vector<Json> texts{read_own(path)};
  std::vector<std::string> files{path.lexically_normal().string()};
  while (texts.back().contains("base")) {
    const auto base = texts.back()["base"].get<std::string>();
    if (std::find(files.begin(), files.end(), base) != files.end())
      throw Error("recipe is based on itself", files.back(), {}, base);
    texts.back().erase("base");
    files.push_back(base);
    texts.push_back(read_own(base));
  }
  Json json = Json::object();
  for (auto text = texts.rbegin(); text != texts.rend(); ++text) lay_over(json, *text);
  return json;
}

Recipe read_recipe(const std::filesystem::path& path) {
  Recipe recipe;
  from_json(read_recipe_text(path), recipe, path.string());
  check_recipe(recipe, path.string());
  return recipe;
}

}  // namespace regard
