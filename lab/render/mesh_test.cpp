#include "lab/render/mesh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "regard/image/decode.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Two triangles of a square, with a texture and with colours, in the manner of BU-3DFE.
constexpr const char* kSquare = R"(#VRML V2.0 utf8
# a comment with { and "
DEF Scan Group { children [ Shape {
  appearance Appearance { material Material { diffuseColor 1 1 1 } texture ImageTexture { url "face.png" } }
  geometry IndexedFaceSet {
    ccw TRUE solid FALSE
    coord Coordinate { point [ 0 0 0, 10 0 0, 10 10 -1.5e0, 0 10 +2, ] }
    texCoord TextureCoordinate { point [ 0 0, 1 0, 1 1, 0 1 ] }
    color Color { color [ 1 0 0, 0 1 0, 0 0 1, 1 1 1 ] }
    coordIndex [ 0, 1, 2, -1, 0, 2, 3, -1 ]
    texCoordIndex [ 0, 1, 2, -1, 0, 2, 3, -1 ]
  }
} ] }
)";

class MeshFiles : public testing::Test {
 protected:
  Mesh read(const std::string& name, const std::string& text) {
    write_text_atomically(folder_ / name, text);
    return read_mesh(folder_ / name);
  }
  std::string error(const std::string& name, const std::string& text) {
    return test::error_of([&] { read(name, text); });
  }
  /// The square with one part of it replaced.
  std::string changed(const std::string& before, const std::string& after) {
    std::string text = kSquare;
    const auto at = text.find(before);
    EXPECT_NE(at, std::string::npos) << before;
    return text.replace(at, before.size(), after);
  }
  void texture(const std::string& name, int width = 4) { write_image(folder_ / name, Image(width, 2)); }

  test::TemporaryFolder folder_;
};

TEST_F(MeshFiles, VrmlHasPointsPlacesColoursAndATexture) {
  texture("face.png");
  const auto mesh = read("a.wrl", kSquare);
  ASSERT_EQ(mesh.points.size(), 4u);
  EXPECT_THAT(mesh.points[2], ElementsAre(10, 10, -1.5f));
  EXPECT_THAT(mesh.points[3], ElementsAre(0, 10, 2));
  EXPECT_THAT(mesh.places[1], ElementsAre(1, 0));
  EXPECT_THAT(mesh.colours[1], ElementsAre(0, 1, 0));
  ASSERT_EQ(mesh.triangles.size(), 2u);
  const auto& [point, place, colour] = mesh.triangles[1][2];
  EXPECT_EQ(point, 3);
  EXPECT_EQ(place, 3);
  EXPECT_EQ(colour, 3);
  EXPECT_EQ(mesh.texture.width, 4);
}

TEST_F(MeshFiles, VrmlOfOtherFormsIsReadAlike) {
  texture("face.png");
  const auto four =
      read("a.wrl", changed("coordIndex [ 0, 1, 2, -1, 0, 2, 3, -1 ]\n    texCoordIndex [ 0, 1, 2, "
                            "-1, 0, 2, 3, -1 ]",
                            "coordIndex [ 0 1 2 3 ]"));
  EXPECT_EQ(four.triangles.size(), 2u)
      << "a polygon of four, without its last -1 and without indices of places";
  EXPECT_EQ(four.triangles[1][2].place, 3);
  const auto clockwise = read("b.wrl", changed("ccw TRUE", "ccw FALSE"));
  EXPECT_EQ(clockwise.triangles[0][0].point, 2);
  const auto still =
      read("c.wrl", changed("Group {", "Transform { translation 0 0 0 rotation 0 1 0 0 scale 1 1 1 "));
  EXPECT_EQ(still.triangles.size(), 2u);
  const std::string used = std::string(kSquare) + "USE Scan\nROUTE a.b TO c.d\n";
  EXPECT_EQ(read("d.wrl", used).triangles.size(), 4u);
}

TEST_F(MeshFiles, TexturesAreFoundAsScansHaveThem) {
  const auto unnamed = changed("texture ImageTexture { url \"face.png\" }", "");
  EXPECT_TRUE(read("a.wrl", unnamed).texture.empty()) << "its colours serve";
  texture("F0001_AN01WH_F3D.png", 6);
  EXPECT_EQ(read("F0001_AN01WH_F3D.wrl", unnamed).texture.width, 6);
  EXPECT_EQ(read("F0001_AN01WH_RAW.wrl", unnamed).texture.width, 6);
  EXPECT_EQ(
      read("F0001_AN01WH_RAW.wrl", changed("face.png", "C:\\\\scans\\\\F0001_AN01WH_F3D.png")).texture.width,
      6);
}

TEST_F(MeshFiles, ObjIsReadWithSlashesPolygonsAndNegativeIndices) {
  texture("skin of a face.png", 8);
  write_text_atomically(folder_ / "a.mtl", "newmtl skin\nmap_Kd skin of a face.png\n");
  const auto mesh = read("a.obj",
                         "mtllib a.mtl\r\nv 0 0 0\r\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvn 0 0 1\nvt 0 0\nvt 1 1\n"
                         "usemtl skin\nf 1/1/1 2/2/1 3/2/1 -1/-2/1\n");
  ASSERT_EQ(mesh.triangles.size(), 2u);
  EXPECT_EQ(mesh.triangles[1][2].point, 3);
  EXPECT_EQ(mesh.triangles[1][2].place, 0);
  EXPECT_EQ(mesh.texture.width, 8);
  const auto coloured = read("b.obj", "v 0 0 0 1 0 0\nv 1 0 0 0 1 0\nv 1 1 0 0 0 1\nf 1 2 3\n");
  EXPECT_EQ(coloured.triangles[0][2].colour, 2);
  EXPECT_THAT(coloured.colours[2], ElementsAre(0, 0, 1));
}

TEST_F(MeshFiles, DamagedVrmlIsAnErrorThatNamesTheLine) {
  texture("face.png");
  EXPECT_THAT(error("a.wrl", "#VRML V1.0 ascii\n"),
              HasSubstr("a.wrl: file is no VRML 2.0; expected #VRML V2.0, got #VRML V1.0 ascii"));
  EXPECT_THAT(error("a.wrl", changed("-1, 0, 2, 3, -1 ]\n    tex", "-1, 0, 2, 4, -1 ]\n    tex")),
              HasSubstr("index of a point is out of range; expected below 4, got 4"));
  EXPECT_THAT(error("a.wrl", changed("10 10 -1.5e0", "10 10 x")),
              HasSubstr("number cannot be read; expected a finite"));
  EXPECT_THAT(error("a.wrl", changed("10 10 -1.5e0", "10 10 inf")), HasSubstr("number cannot be read"));
  EXPECT_THAT(error("a.wrl", changed("10 10 -1.5e0, ", "10 10 ")), HasSubstr("list of numbers ends early"));
  EXPECT_THAT(error("a.wrl", changed("coordIndex [ 0, 1, 2, -1", "coordIndex [ 0, 1, -1, 2")),
              HasSubstr("polygon"));
  EXPECT_THAT(error("a.wrl", changed("texCoordIndex [ 0,", "texCoordIndex [ ")),
              HasSubstr("differ in length"));
  EXPECT_THAT(error("a.wrl", std::string(kSquare).substr(0, 500)),
              HasSubstr("a.wrl:11: file ends within a node"));
  EXPECT_THAT(error("a.wrl", changed("\"face.png\"", "\"face.png")), HasSubstr("a.wrl:"));
  EXPECT_THAT(error("a.wrl", std::string(kSquare) + "USE Nobody"), HasSubstr("not defined; got Nobody"));
  EXPECT_THAT(error("a.wrl", changed("Group {", "Transform { rotation 0 1 0 .5 ")), HasSubstr("Transform"));
  EXPECT_THAT(error("a.wrl", changed("ccw TRUE", "colorPerVertex FALSE")),
              HasSubstr("colours of whole polygons"));
  EXPECT_THAT(error("a.wrl", "#VRML V2.0 utf8\nGroup { }"), HasSubstr("mesh has no triangles"));
  std::string deep = "#VRML V2.0 utf8\n";
  for (int i = 0; i < 1000; ++i) deep += "Group { children [ ";
  EXPECT_THAT(error("a.wrl", deep), HasSubstr("too deep"));
}

TEST_F(MeshFiles, DamagedObjIsAnErrorThatNamesTheLine) {
  EXPECT_THAT(error("a.obj", "v 0 0\n"), HasSubstr("a.obj:1: line has too few numbers; expected 3, got 2"));
  EXPECT_THAT(error("a.obj", "v 0 0 0\nf 1 2 3\n"),
              HasSubstr("a.obj:2: index is out of range; expected 1 to 1, got 2"));
  EXPECT_THAT(error("a.obj", "v 0 0 0\nf 1/1 1 1\n"), HasSubstr("expected 1 to 0, got 1"));
  EXPECT_THAT(error("a.obj", "v 0 0 0\nf 1 1\n"), HasSubstr("polygon has too few corners"));
  EXPECT_THAT(error("a.obj", "v 0 0 0\nf 1 a 1\n"), HasSubstr("index cannot be read"));
  EXPECT_THAT(error("a.obj", "v 0 0 0\nv 0 0 1\nv 1 0 0\nf 1 2 3\n"),
              HasSubstr("neither a texture nor colours"));
  EXPECT_THAT(error("a.obj", "v 0 0 0\nvt 0 0\nf 1/1 1/1 1/1\n"),
              HasSubstr("texture of the mesh is missing; expected a.bmp, .png or .jpg"));
  EXPECT_THAT(error("a.stl", "solid"), HasSubstr("unknown format of a mesh"));
}

}  // namespace
}  // namespace regard
