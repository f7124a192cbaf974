#include "regard/train/recipe.h"

#include <toml++/toml.h>

#include <sstream>

#include "regard/core/file.h"

namespace regard {

namespace {

Json toml_to_json(const std::string& text, const std::string& where) {
  try {
    std::ostringstream json;
    json << toml::json_formatter{toml::parse(text, where)};
    return Json::parse(json.str());
  } catch (const toml::parse_error& error) {
    std::ostringstream place;
    place << where << ":" << error.source().begin.line << ":" << error.source().begin.column;
    throw Error(std::string("bad TOML: ") + std::string(error.description()), place.str());
  }
}

/// Throws for a value that is out of its range.
struct Check {
  std::string where;

  template <class Value>
  void operator()(bool good, const char* key, const char* expected, const Value& value) const {
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
  check(share(augment.erase), "erase", "0 to 1", augment.erase);
  check(share(augment.occlude), "occlude", "0 to 1", augment.occlude);
}

void check_loss(const LossOptions& loss, const std::string& where) {
  const Check check{where};
  check(loss.scored == "face" || loss.scored == "views", "scored", "face or views", loss.scored);
  check(loss.biased == "self" || loss.biased == "view", "biased", "self or view", loss.biased);
  check(loss.region_bias >= 0, "region_bias", "0 or more", loss.region_bias);
  check(loss.margin >= 0, "margin", "0 or more", loss.margin);
  check(loss.view_likelihood >= 0, "view_likelihood", "0 or more", loss.view_likelihood);
}

}  // namespace

void check_recipe(const Recipe& recipe, const std::string& where) {
  const Check check{where};
  const auto& optimizer = recipe.optimizer;
  check(recipe.supervision == "votes" || recipe.supervision == "majority", "supervision", "votes or majority",
        recipe.supervision);
  check(recipe.precision == "f32" || recipe.precision == "bf16", "precision", "f32 or bf16",
        recipe.precision);
  check(recipe.epochs > 0, "epochs", "1 or more", recipe.epochs);
  check(recipe.batch > 1, "batch", "2 or more", recipe.batch);
  check(recipe.images >= 0, "images", "0 or more", recipe.images);
  check(optimizer.rate > 0, "optimizer.rate", "above 0", optimizer.rate);
  check(optimizer.warmup >= 0 && optimizer.warmup < 1, "optimizer.warmup", "0 to below 1", optimizer.warmup);
  check(optimizer.first > 0 && optimizer.first <= 1, "optimizer.first", "above 0, to 1", optimizer.first);
  check(optimizer.momentum >= 0 && optimizer.momentum < 1, "optimizer.momentum", "0 to below 1",
        optimizer.momentum);
  check(optimizer.weight_decay >= 0, "optimizer.weight_decay", "0 or more", optimizer.weight_decay);
  check(optimizer.clip >= 0, "optimizer.clip", "0 or more", optimizer.clip);
  check(optimizer.average >= 0 && optimizer.average < 1, "optimizer.average", "0 to below 1",
        optimizer.average);
  check_augment(recipe.augment, where + ": augment");
  check_loss(recipe.loss, where + ": loss");
}

Recipe read_recipe(const std::filesystem::path& path) {
  Recipe recipe;
  from_json(toml_to_json(read_text(path), path.string()), recipe, path.string());
  check_recipe(recipe, path.string());
  if (!recipe.start.empty() && std::filesystem::path(recipe.start).is_relative())
    recipe.start = (path.parent_path() / recipe.start).lexically_normal().string();
  return recipe;
}

}  // namespace regard
