#pragma once

#include <array>

#include "lab/render/mesh.h"
#include "regard/core/geometry.h"

namespace regard {

/// How a mesh is drawn: from far away (parallel projection), as its texture is, without lights.
struct RenderOptions {
  int size = 512;
  int background = 128;
  float margin = .1f;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("size", size, "side of the images, in pixels");
    visit("background", background, "grey level behind the head, 0 to 255");
    visit("margin", margin, "margin around the head seen from the front, as a fraction of its larger side");
  }
};

/// Throws Error for the first option that is out of its range.
void check_options(const RenderOptions& options);

/// Rotation by a head pose, row by row: the head is pitched about the axis from ear to ear, then turned about
/// the vertical, then rolled in the image (face/head_pose.h), x to the image's right, y up, z at the camera.
std::array<Vector3, 3> rotation_of(const HeadPose& pose);

/// The mesh as the camera sees it once its head has this pose; the mesh itself looks at the camera. It turns
/// about the middle of its box, which is the middle of the image, at the same scale in every pose. Surfaces
/// seen from behind are not drawn; polygons are expected to run anticlockwise, unless most of what is seen
/// from the front would disappear. Every pixel is the mean of 2 x 2 samples. The mesh is one that read_mesh
/// or check_mesh has accepted.
Image render_mesh(const Mesh& mesh, const HeadPose& pose, const RenderOptions& options = {});

}  // namespace regard
