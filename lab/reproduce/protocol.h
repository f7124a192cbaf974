#pragma once

#include <filesystem>
#include <string>

#include "lab/recipe/recipe.h"

namespace regard {

/// Settings applied to all recipes of a table, so that its rows are comparable and affordable.
struct Protocol {
  std::string about;
  std::int64_t valid_images = 0;
  Json recipe = Json::object();
  Json views = Json::object();

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("about", about, "description for the report");
    visit("valid_images", valid_images, "number of evaluated images, sampled with a fixed seed; 0: all");
    visit("recipe", recipe, "keys of a recipe; its `deploy` replaces that of the recipes");
    visit("views", views, "options of the network's input: `backbone`, `input_size`, `normalize` and so on");
  }
};

/// Throws Error as read_recipe does.
Protocol read_protocol(const std::filesystem::path& path);

/// Where the protocol names a start: networks get its backbone and input normalisation, unless the protocol
/// says otherwise. Throws Error if it is not a model file.
void adopt_start(Protocol& protocol);

/// A recipe's file under the protocol. Throws Error if the result is not a valid recipe.
Recipe recipe_under(const Protocol& protocol, const std::filesystem::path& file);

/// A digest of everything that determines the weights, as 64 hexadecimal digits: the recipe without its name,
/// the bytes of its start, and the data.
std::string digest_of(const Recipe& recipe, const std::string& data_hash);

/// The recipe with its start identified by content rather than by path.
Json words_of(const Recipe& recipe);

}  // namespace regard
