// Reading any TOML as a recipe ends with a recipe or a regard::Error.

#include "regard/core/toml.h"

#include <cstdint>

#include "lab/recipe/recipe.h"
#include "regard/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto json = regard::parse_toml({reinterpret_cast<const char*>(data), size}, "input");
    regard::Recipe recipe;
    regard::from_json(json, recipe, "input");
    regard::check_recipe(recipe, "input");
  } catch (const regard::Error&) {
  }
  return 0;
}
