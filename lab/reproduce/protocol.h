#pragma once

#include <filesystem>
#include <string>

#include "lab/recipe/recipe.h"

namespace regard {

/// What is laid over all recipes of a table alike, so that its rows can be compared and run where they are.
struct Protocol {
  std::string about;
  std::int64_t valid_images = 0;
  Json recipe = Json::object();
  Json views = Json::object();

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("about", about, "what the report says of it");
    visit("valid_images", valid_images, "measure so many images only, drawn with a fixed seed; 0: all");
    visit("recipe", recipe, "keys of a recipe; its `deploy` stands instead of the recipes' own");
    visit("views", views,
          "keys of what the network sees: its options `backbone`, `input_size`, `normalize` and the like");
  }
};

/// Throws Error as read_recipe does.
Protocol read_protocol(const std::filesystem::path& path);

/// Where the protocol names a start: networks get its backbone, and see values as it does, unless the
/// protocol says otherwise. Throws Error where it is no model file.
void adopt_start(Protocol& protocol);

/// A recipe's file under the protocol. Throws Error where the outcome is no recipe.
Recipe recipe_under(const Protocol& protocol, const std::filesystem::path& file);

/// What decides which weights come out, as 64 hexadecimal digits: the recipe but for its name, its start's
/// bytes, and the data.
std::string digest_of(const Recipe& recipe, const std::string& data_hash);

/// The recipe as it is known by its start's bytes rather than by where they lie.
Json words_of(const Recipe& recipe);

}  // namespace regard
