#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "regard/core/image.h"

namespace regard {

using Vector3 = std::array<float, 3>;

/// A corner of a triangle: indices of the mesh's points, texture places and colours; -1: it has none.
struct Corner {
  int point = 0, place = -1, colour = -1;
};

/// A surface of triangles. In a scan of a face x points to the image's right, y up, z at the camera.
struct Mesh {
  std::vector<Vector3> points;
  std::vector<std::array<float, 2>> places;  ///< in fractions of the texture, from its lower left corner
  std::vector<Vector3> colours;              ///< RGB, 0 to 1
  std::vector<std::array<Corner, 3>> triangles;
  std::string texture_name;  ///< as the mesh's file has it; empty: none
  Image texture;             ///< RGB; empty: none
};

/// Reads a mesh and its texture: VRML 2.0 (.wrl: IndexedFaceSet) or Wavefront OBJ (.obj), with an image as
/// the texture, by the name in the file or else the mesh's own name with an image's extension (of BU-3DFE's
/// F0001_AN01WH_RAW.wrl F0001_AN01WH_F3D.bmp, as the set has it), or a colour at each point. Throws Error for
/// files that are none of these, are damaged, contain no triangle, or have neither texture nor colours.
Mesh read_mesh(const std::filesystem::path& path);

/// Throws Error if an index is out of range, a point is not finite, or there are no triangles.
void check_mesh(const Mesh& mesh, const std::string& where);

}  // namespace regard
