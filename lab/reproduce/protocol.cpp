#include "lab/reproduce/protocol.h"

#include "regard/core/file.h"
#include "regard/core/toml.h"
#include "regard/model/model.h"
#include "regard/network/network.h"

namespace regard {

namespace {

std::string bytes_hash(const std::string& text) {
  return sha256(std::as_bytes(std::span(text)));
}

}  // namespace

Protocol read_protocol(const std::filesystem::path& path) {
  Protocol protocol;
  from_json(read_toml(path), protocol, path.string());
  const auto start = protocol.recipe.find("start");
  if (start != protocol.recipe.end() && start->is_string() && *start != "")
    *start = (path.parent_path() / start->get<std::string>()).lexically_normal().string();
  return protocol;
}

void adopt_start(Protocol& protocol) {
  const auto start = protocol.recipe.value("start", Json(""));
  if (!start.is_string() || start == "") return;
  const auto seen = seen_options(load_model(start.get<std::string>()).network);
  for (const char* key : {"backbone", "normalize"})
    if (seen.contains(key) && !protocol.views.contains(key)) protocol.views[key] = seen.at(key);
}

Recipe recipe_under(const Protocol& protocol, const std::filesystem::path& file) {
  auto json = read_recipe_text(file);
  lay_over(json, protocol.recipe);
  // Options for evaluation are not merged: those of a recipe suit its own training.
  if (protocol.recipe.contains("deploy")) json["deploy"] = protocol.recipe.at("deploy");
  if (!json.contains("options")) json["options"] = Json::object();
  if (!protocol.views.empty()) {
    NetworkConfig network{.name = json.value("network", Recipe{}.network), .options = json["options"]};
    lay_over_seen(protocol.views, network);
    json["options"] = network.options;
  }
  Recipe recipe;
  from_json(json, recipe, file.string());
  check_recipe(recipe, file.string());
  return recipe;
}

Json words_of(const Recipe& recipe) {
  Json json = to_json(recipe);
  json.erase("name");
  if (!recipe.start.empty()) json["start"] = sha256(map_file(recipe.start).bytes);
  return json;
}

std::string digest_of(const Recipe& recipe, const std::string& data_hash) {
  return bytes_hash(Json{{"recipe", words_of(recipe)}, {"data", data_hash}}.dump());
}

}  // namespace regard
