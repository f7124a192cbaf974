#include "lab/render/scans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "regard/image/decode.h"
#include "tests/support.h"

namespace regard {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kTriangle = "v 0 0 0 1 0 0\nv 1 0 0 0 1 0\nv 1 1 0 0 0 1\nf 1 2 3\n";

class Scans : public testing::Test {
 protected:
  void mesh(const std::string& name, const std::string& text = kTriangle) {
    write_text_atomically(folder_ / "in" / name, text);
  }
  RenderJob job() {
    return {.scans = find_scans(folder_ / "in", "F3D"),
            .out = folder_ / "out",
            .yaws = {-45, 0},
            .pitches = {0, 15},
            .options = {.size = 32},
            .done = {},
            .on_bad = [this](const std::string& why) { bad_.push_back(why); }};
  }
  test::TemporaryFolder folder_;
  std::vector<std::string> bad_;
};

TEST_F(Scans, OfATreeAreThoseOfTheKind) {
  for (const char* name :
       {"F0001/F0001_AN01WH_F3D.obj", "F0001/F0001_AN01WH_RAW.obj", "F0001/F0001_AN01WH_F3D.bnd",
        "M0002/M0002_HA04AE_F3D.wrl", "M0002/M0002_HA04AE_F3D.obj"})
    mesh(name);
  const auto scans = find_scans(folder_ / "in", "F3D");
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[0].name, "F0001_AN01WH");
  EXPECT_EQ(scans[1].mesh.filename(), "M0002_HA04AE_F3D.wrl");
  EXPECT_EQ(view_path(scans[0], 30, -15), fs::path("F0001/F0001_AN01WH_y+30_p-15.png"));
  EXPECT_EQ(view_path(scans[0], -45, 0), fs::path("F0001/F0001_AN01WH_y-45_p+0.png"));
  EXPECT_EQ(find_scans(folder_ / "in", "RAW").size(), 1u);
  const auto one = find_scans(folder_ / "in/F0001/F0001_AN01WH_RAW.obj", "F3D");
  EXPECT_EQ(view_path(one.at(0), 0, 0), fs::path("F0001/F0001_AN01WH_y+0_p+0.png"));
}

TEST_F(Scans, EveryViewIsWrittenOnce) {
  mesh("F0001/F0001_AN01WH_F3D.obj");
  mesh("F0001/F0001_HA01WH_F3D.obj");
  EXPECT_EQ(render_scans(job()).written, 8u);
  const auto path = folder_ / "out/F0001/F0001_HA01WH_y-45_p+15.png";
  EXPECT_EQ(read_image(path).width, 32);
  fs::remove(path);
  const auto again = render_scans(job());
  EXPECT_EQ(again.written, 1u);
  EXPECT_EQ(again.kept, 7u);
}

TEST_F(Scans, BadOnesAreLeftOutAndTold) {
  mesh("F0001/F0001_AN01WH_F3D.obj");
  mesh("F0001/F0001_DI01WH_F3D.obj", "v 0 0\n");
  const auto report = render_scans(job());
  EXPECT_EQ(report.written, 4u);
  EXPECT_EQ(report.bad, 1u);
  EXPECT_THAT(bad_, ElementsAre(HasSubstr("F0001_DI01WH_F3D.obj:1: line has too few numbers")));
  fs::remove(folder_ / "in/F0001/F0001_AN01WH_F3D.obj");
  EXPECT_THAT(test::error_of([&] { render_scans(job()); }), HasSubstr("none of the scans can be rendered"));
}

TEST_F(Scans, WhatIsNoneIsAnError) {
  mesh("F0001/F0001_AN01WH_RAW.obj");
  EXPECT_THAT(test::error_of([&] { find_scans(folder_ / "in", "F3D"); }),
              HasSubstr("folder has no scans; expected F0001/F0001_AN01WH_F3D.wrl"));
  EXPECT_THAT(test::error_of([&] { find_scans(folder_ / "in.txt", "F3D"); }), HasSubstr("file is no mesh"));
  mesh("F0001/F0001_AN01WH_F3D.obj");
  auto turned = job();
  turned.yaws = {200};
  EXPECT_THAT(test::error_of([&] { render_scans(turned); }),
              HasSubstr("yaw: angle is out of range; expected -180 to 180"));
  turned.yaws = {};
  EXPECT_THAT(test::error_of([&] { render_scans(turned); }), HasSubstr("no view"));
}

}  // namespace
}  // namespace regard
