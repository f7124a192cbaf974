#include "regard/train/recipe.h"

#include <sstream>
#include <toml++/toml.h>

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

}  // namespace

void check_recipe(const Recipe& recipe, const std::string& where) {
  const auto check = [&](bool good, const char* key, const char* expected, const auto& value) {
    if (!good) throw Error("value is out of range", where + ": " + key, expected, Json(value).dump());
  };
  const auto& optimizer = recipe.optimizer;
  check(recipe.supervision == "votes" || recipe.supervision == "majority", "supervision", "votes or majority",
        recipe.supervision);
  check(recipe.precision == "f32" || recipe.precision == "bf16", "precision", "f32 or bf16", recipe.precision);
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
