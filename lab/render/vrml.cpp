#include <algorithm>
#include <cmath>

#include "lab/render/mesh_reading.h"
#include "lab/render/vrml_nodes.h"
#include "regard/core/error.h"

/// The IndexedFaceSet nodes of a VRML 2.0 file, with their points, texture places, colours and texture.
namespace regard {

namespace {

template <std::size_t kWidth>
std::vector<std::array<float, kWidth>> rows_of(const VrmlNode* node, const char* field,
                                               const std::string& where) {
  std::vector<std::array<float, kWidth>> rows;
  if (!node) return rows;
  const auto& words = node->words(field);
  if (words.size() % kWidth != 0)
    throw Error("list of numbers ends early", where + ": " + node->type + "." + field,
                "a multiple of " + std::to_string(kWidth), std::to_string(words.size()));
  for (std::size_t i = 0; i < words.size(); i += kWidth) {
    auto& row = rows.emplace_back();
    for (std::size_t k = 0; k < kWidth; ++k)
      row[k] = number_in(words[i + k], where + ": " + node->type + "." + field);
  }
  return rows;
}

std::vector<int> indices_of(const VrmlNode& set, const char* field, const std::string& where) {
  std::vector<int> indices;
  for (const auto word : set.words(field)) indices.push_back(index_in(word, where + ": " + field));
  return indices;
}

/// Indices behind `field`, one for each of coordIndex; those if the field is empty; none if there is nothing
/// to index.
std::vector<int> parallel_indices(const VrmlNode& set, const char* field, bool has_values,
                                  const std::vector<int>& points, const std::string& where) {
  if (!has_values) return {};
  auto indices = indices_of(set, field, where);
  if (indices.empty()) return points;
  if (indices.size() + 1 == points.size() && indices.back() >= 0)
    indices.push_back(-1);  // the last -1 is optional
  if (indices.size() != points.size())
    throw Error("lists of indices differ in length", where + ": " + field, std::to_string(points.size()),
                std::to_string(indices.size()));
  return indices;
}

template <class Rows>
int append(Rows& all, const Rows& more) {
  const auto first = static_cast<int>(all.size());
  all.insert(all.end(), more.begin(), more.end());
  return first;
}

int shifted(const std::vector<int>& indices, std::size_t i, int first, const std::string& where) {
  if (indices.empty()) return -1;
  if (indices[i] < 0) throw Error("polygon ends early in a list of indices", where);
  return first + indices[i];
}

/// Throws where drawing it would take more than the points: only a scan's plain geometry is read.
void check_supported(const VrmlNode& set, const std::string& where) {
  const auto& per_vertex = set.words("colorPerVertex");
  if (set.node("color") && !per_vertex.empty() && per_vertex[0] == "FALSE")
    throw Error("colours of whole polygons are not supported", where, "colorPerVertex TRUE");
}

void add_face_set(Mesh& mesh, const VrmlNode& set, const std::string& where) {
  check_supported(set, where);
  const auto points = rows_of<3>(set.node("coord"), "point", where);
  const auto places = rows_of<2>(set.node("texCoord"), "point", where);
  const auto colours = rows_of<3>(set.node("color"), "color", where);
  const int first_point = append(mesh.points, points), first_place = append(mesh.places, places),
            first_colour = append(mesh.colours, colours);
  auto indices = indices_of(set, "coordIndex", where);
  if (!indices.empty() && indices.back() >= 0) indices.push_back(-1);
  const auto of_places = parallel_indices(set, "texCoordIndex", !places.empty(), indices, where);
  const auto of_colours = parallel_indices(set, "colorIndex", !colours.empty(), indices, where);
  const bool clockwise = !set.words("ccw").empty() && set.words("ccw")[0] == "FALSE";
  std::vector<Corner> corners;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] >= 0) {
      corners.push_back({first_point + indices[i],
                         shifted(of_places, i, first_place, where + ": texCoordIndex"),
                         shifted(of_colours, i, first_colour, where + ": colorIndex")});
      continue;
    }
    if (clockwise) std::ranges::reverse(corners);
    add_polygon(mesh, corners, where + ": coordIndex");
    corners.clear();
  }
}

/// Whether a field of a Transform node moves nothing.
bool moves_nothing(const VrmlNode& node, const char* field, float still, const std::string& where) {
  const auto& words = node.words(field);
  if (std::string_view(field) == "rotation") return words.size() < 4 || number_in(words[3], where) == 0;
  return std::ranges::all_of(words, [&](const auto word) { return number_in(word, where) == still; });
}

void check_transform(const VrmlNode& node, const std::string& where) {
  const bool still = moves_nothing(node, "translation", 0, where) &&
                     moves_nothing(node, "rotation", 0, where) && moves_nothing(node, "scale", 1, where);
  if (!still) throw Error("a Transform that moves the mesh is not supported", where);
}

void add_texture_name(Mesh& mesh, const VrmlNode& texture, const std::string& where) {
  const auto& names = texture.words("url");
  if (names.empty()) return;
  const std::string name(names.front());
  if (!mesh.texture_name.empty() && mesh.texture_name != name)
    throw Error("meshes with several textures are not supported", where, mesh.texture_name, name);
  mesh.texture_name = name;
}

void collect(Mesh& mesh, const VrmlNode& node, const std::string& where) {
  if (node.type == "IndexedFaceSet") return add_face_set(mesh, node, where);
  if (node.type == "ImageTexture") return add_texture_name(mesh, node, where);
  if (node.type == "Transform") check_transform(node, where);
  for (const auto& [field, value] : node.fields)
    for (const auto& child : value.nodes) collect(mesh, *child, where);
}

}  // namespace

Mesh read_vrml(std::string_view text, const std::string& where) {
  Mesh mesh;
  for (const auto& node : read_vrml_nodes(text, where)) collect(mesh, *node, where);
  return mesh;
}

}  // namespace regard
