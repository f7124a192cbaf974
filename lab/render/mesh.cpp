#include "lab/render/mesh.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "lab/render/mesh_reading.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/table.h"
#include "regard/core/text.h"
#include "regard/image/decode.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

/// A kind of file with a mesh.
struct MeshFormat {
  const char* name;  ///< the extension
  Mesh (*read)(const std::string& text, const fs::path& path);
};

std::string texture_in_library(const fs::path& library) {
  return fs::exists(library) ? texture_of_material(read_text(library)) : "";
}

constexpr std::array kFormats{
    MeshFormat{".wrl",
               [](const std::string& text, const fs::path& path) { return read_vrml(text, path.string()); }},
    MeshFormat{".obj", [](const std::string& text, const fs::path& path) {
                 return read_obj(text, path.string(), [&](const std::string& library) {
                   return texture_in_library(path.parent_path() / library);
                 });
               }}};

/// STEM with an image's extension, in either case.
std::optional<fs::path> image_beside(const fs::path& folder, const std::string& stem) {
  for (const char* ending : {".bmp", ".png", ".jpg", ".jpeg", ".BMP", ".PNG", ".JPG"})
    if (fs::exists(folder / (stem + ending))) return folder / (stem + ending);
  return {};
}

/// Names in files may have a folder of the machine where they were written.
std::optional<fs::path> texture_file(const fs::path& path, std::string named) {
  std::ranges::replace(named, '\\', '/');
  const auto folder = path.parent_path();
  if (!named.empty())
    for (const auto& candidate : {folder / named, folder / fs::path(named).filename()})
      if (fs::is_regular_file(candidate)) return candidate;
  auto stem = path.stem().string();
  if (const auto found = image_beside(folder, stem)) return found;
  if (stem.ends_with("_RAW")) return image_beside(folder, stem.substr(0, stem.size() - 3) + "F3D");
  return {};
}

void add_texture(Mesh& mesh, const fs::path& path) {
  if (mesh.places.empty()) return;
  if (const auto file = texture_file(path, mesh.texture_name)) {
    mesh.texture = read_image(*file);
  } else if (mesh.colours.empty()) {
    const auto expected =
        mesh.texture_name.empty() ? path.stem().string() + ".bmp, .png or .jpg" : mesh.texture_name;
    throw Error("texture of the mesh is missing", path.string(), expected);
  }
}

/// Throws if some triangle could not be coloured.
void check_colours(const Mesh& mesh, const std::string& where) {
  const auto has = [&](int Corner::*index) {
    return std::ranges::all_of(mesh.triangles, [&](const auto& triangle) {
      return std::ranges::all_of(triangle, [&](const Corner& corner) { return corner.*index >= 0; });
    });
  };
  if ((mesh.texture.empty() || !has(&Corner::place)) && !has(&Corner::colour))
    throw Error("mesh has neither a texture nor colours everywhere", where);
}

void check_index(int index, std::size_t count, const char* what, const std::string& where) {
  if (index >= static_cast<int>(count))
    throw Error(std::string("index of a ") + what + " is out of range", where,
                "below " + std::to_string(count), std::to_string(index));
}

}  // namespace

void check_mesh(const Mesh& mesh, const std::string& where) {
  if (mesh.triangles.empty()) throw Error("mesh has no triangles", where);
  for (const auto& point : mesh.points)
    if (!std::ranges::all_of(point, [](float x) { return std::isfinite(x); }))
      throw Error("point of the mesh is not finite", where);
  for (const auto& triangle : mesh.triangles)
    for (const auto& [point, place, colour] : triangle) {
      if (point < 0)
        throw Error("index of a point is out of range", where, "0 or more", std::to_string(point));
      check_index(point, mesh.points.size(), "point", where);
      check_index(place, mesh.places.size(), "texture place", where);
      check_index(colour, mesh.colours.size(), "colour", where);
    }
}

Mesh read_mesh(const fs::path& path) {
  const auto ending = lower_case(path.extension().string());
  const auto& format = find_row(kFormats, ending, "format of a mesh");
  auto mesh = format.read(read_text(path), path);
  check_mesh(mesh, path.string());
  add_texture(mesh, path);
  check_colours(mesh, path.string());
  return mesh;
}

}  // namespace regard
