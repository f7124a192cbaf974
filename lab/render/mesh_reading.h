#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/render/mesh.h"

/// What the readers of meshes share.
namespace regard {

/// The mesh in a VRML 2.0 file's text; its texture is only named. Throws Error, in which `where` names the
/// file.
Mesh read_vrml(std::string_view text, const std::string& where);

/// The same of a Wavefront OBJ file. `material_texture`: reads the texture's name from a material library;
/// called with the name in `mtllib`.
Mesh read_obj(std::string_view text, const std::string& where,
              const std::function<std::string(const std::string& library)>& material_texture);

/// The name of the texture (map_Kd) in a material library's text; empty if there is none.
std::string texture_of_material(std::string_view text);

/// A number. Throws Error if `word` is none or is not finite.
float number_in(std::string_view word, const std::string& where);

/// A whole number. Throws Error if `word` is none.
int index_in(std::string_view word, const std::string& where);

/// Adds a polygon as triangles with a common first corner. Throws Error for fewer than three corners.
void add_polygon(Mesh& mesh, const std::vector<Corner>& corners, const std::string& where);

}  // namespace regard
