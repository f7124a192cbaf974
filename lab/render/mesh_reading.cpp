#include "lab/render/mesh_reading.h"

#include <cmath>

#include "regard/core/error.h"
#include "regard/core/text.h"

namespace regard {

namespace {

template <class Number>
bool parse(std::string_view word, Number& number) {
  if (word.starts_with('+')) word.remove_prefix(1);  // which from_chars does not take
  const auto read = whole_number<Number>(word);
  if (read) number = *read;
  return read.has_value();
}

}  // namespace

float number_in(std::string_view word, const std::string& where) {
  float number = 0;
  if (!parse(word, number) || !std::isfinite(number))
    throw Error("number cannot be read", where, "a finite number", std::string(word));
  return number;
}

int index_in(std::string_view word, const std::string& where) {
  int index = 0;
  if (!parse(word, index)) throw Error("index cannot be read", where, "a whole number", std::string(word));
  return index;
}

void add_polygon(Mesh& mesh, const std::vector<Corner>& corners, const std::string& where) {
  if (corners.size() < 3)
    throw Error("polygon has too few corners", where, "3 or more", std::to_string(corners.size()));
  for (std::size_t i = 2; i < corners.size(); ++i)
    mesh.triangles.push_back({corners[0], corners[i - 1], corners[i]});
}

}  // namespace regard
