#include <array>
#include <functional>

#include "lab/render/mesh_reading.h"
#include "regard/core/error.h"
#include "regard/core/text.h"

/// Wavefront OBJ: v, vt and f of polygons, negative indices counting from the end; colours behind a point's
/// coordinates, as scanners write them. Anything else is left alone.
namespace regard {

namespace {

using Words = std::vector<std::string_view>;

/// The rest of a line, for names with blanks.
std::string rest_of(std::string_view line, std::string_view word) {
  line.remove_prefix(line.find(word) + word.size());
  const auto first = line.find_first_not_of(" \t"), last = line.find_last_not_of(" \t\r");
  return first == std::string_view::npos ? "" : std::string(line.substr(first, last - first + 1));
}

class ObjReader {
 public:
  using MaterialTexture = std::function<std::string(const std::string& library)>;

  ObjReader(const std::string& where, const MaterialTexture& material_texture)
      : file_(where), material_texture_(material_texture) {}

  Mesh read(std::string_view text) {
    for (const auto line : lines_of(text)) {
      ++line_;
      read_line(line);
    }
    return std::move(mesh_);
  }

 private:
  std::string where() const { return file_ + ":" + std::to_string(line_); }

  void read_line(std::string_view line) {
    const Words words = words_of(line);
    if (words.empty()) return;
    if (words[0] == "v") add_point(words);
    if (words[0] == "vt") mesh_.places.push_back(numbers<2>(words, 1));
    if (words[0] == "f") add_face(words);
    if (words[0] == "mtllib" && mesh_.texture_name.empty())
      mesh_.texture_name = material_texture_(rest_of(line, words[0]));
  }

  template <std::size_t kCount>
  std::array<float, kCount> numbers(const Words& words, std::size_t first) const {
    if (words.size() < first + kCount)
      throw Error("line has too few numbers", where(), std::to_string(kCount),
                  std::to_string(words.size() - first));
    std::array<float, kCount> values;
    for (std::size_t i = 0; i < kCount; ++i) values[i] = number_in(words[first + i], where());
    return values;
  }

  void add_point(const Words& words) {
    mesh_.points.push_back(numbers<3>(words, 1));
    if (words.size() < 7) return;
    mesh_.colours.push_back(numbers<3>(words, 4));
  }

  /// From 1 up, or from the last one down.
  int index_of(std::string_view word, std::size_t count) const {
    const int given = index_in(word, where());
    const int index = given < 0 ? given + static_cast<int>(count) : given - 1;
    if (given == 0 || index < 0 || index >= static_cast<int>(count))
      throw Error("index is out of range", where(), "1 to " + std::to_string(count), std::string(word));
    return index;
  }

  /// "7", "7/3", "7/3/5" or "7//5".
  Corner corner_of(std::string_view word) const {
    const auto slash = word.find('/');
    Corner corner{index_of(word.substr(0, slash), mesh_.points.size()), -1, -1};
    if (slash != std::string_view::npos) {
      const auto place = word.substr(slash + 1, word.find('/', slash + 1) - slash - 1);
      if (!place.empty()) corner.place = index_of(place, mesh_.places.size());
    }
    if (corner.point < static_cast<int>(mesh_.colours.size())) corner.colour = corner.point;
    return corner;
  }

  void add_face(const Words& words) {
    std::vector<Corner> corners;
    for (std::size_t i = 1; i < words.size(); ++i) corners.push_back(corner_of(words[i]));
    add_polygon(mesh_, corners, where());
  }

  std::string file_;
  const MaterialTexture& material_texture_;
  int line_ = 0;
  Mesh mesh_;
};

}  // namespace

Mesh read_obj(std::string_view text, const std::string& where,
              const std::function<std::string(const std::string&)>& material_texture) {
  return ObjReader(where, material_texture).read(text);
}

std::string texture_of_material(std::string_view text) {
  for (const auto line : lines_of(text))
    if (const auto words = words_of(line); words.size() > 1 && words[0] == "map_Kd")
      return rest_of(line, words[0]);
  return "";
}

}  // namespace regard
