#include "lab/recipe/input_size.h"

#include <algorithm>

namespace regard {

namespace {

constexpr int kUsual = 160;  // of networks whose options do not say it
constexpr const char* kKey = "input_size";

/// What a network's options say, at their top or of its views; 0 if they do not.
int stated_in(const Json& options) {
  const Json& seen = options.contains("views") ? options.at("views") : options;
  const auto found = seen.find(kKey);
  return found != seen.end() && found->is_number_integer() ? found->get<int>() : 0;
}

}  // namespace

int input_size_of(const Recipe& recipe) {
  const int stated = stated_in(recipe.options);
  return std::max(stated > 0 ? stated : kUsual, stated_in(recipe.deploy));
}

}  // namespace regard
