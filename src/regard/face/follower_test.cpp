#include "regard/face/follower.h"

#include <gtest/gtest.h>

#include "regard/pipeline/model_files.h"
#include "tests/faces.h"

namespace regard {
namespace {

using namespace test;

class FaceFollowerTest : public ::testing::Test {
 protected:
  /// Both people, the astronaut at `x`, each face `width` pixels wide.
  static Image scene(int x, double width = 90) {
    Image image = canvas(640, 360);
    paste(image, head(kAstronaut, width), x, 180);
    paste(image, head(kHopper, width), 500, 180);
    return image;
  }

  static const Detector& detector() {
    static const Detector kDetector(detector_file());
    return kDetector;
  }
  static const HeadPoseEstimator& heads() {
    static const HeadPoseEstimator kHeads(face_mesh_file());
    return kHeads;
  }

  FaceFinder finder_{detector(), heads()};
  FaceFollower follower_{detector(), heads()};
};

TEST_F(FaceFollowerTest, FollowsInOrder) {
  auto faces = finder_.find(scene(150));
  ASSERT_EQ(faces.faces.size(), 2u);
  for (int step = 1; step <= 5; ++step) {
    const Image image = scene(150 + 12 * step);  // four face widths a second at 30 frames a second
    const auto next = follower_.follow(image, faces);
    ASSERT_TRUE(next) << step;
    const auto searched = finder_.find(image);
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& face = next->faces[i];
      EXPECT_GT(intersection_over_union(face.box, faces.faces[i].box), .4) << "the same person";
      const auto same = std::ranges::find_if(searched.faces, [&](const Detection& other) {
        return intersection_over_union(face.box, other.box) > .7;
      });
      ASSERT_NE(same, searched.faces.end()) << step;
      const auto pose = next->poses[i].pose, expected = searched.poses[same - searched.faces.begin()].pose;
      EXPECT_NEAR(pose.yaw, expected.yaw, 4);
      EXPECT_NEAR(pose.roll, expected.roll, 4);
      EXPECT_NEAR(face.landmarks[2].x, same->landmarks[2].x, 3);
    }
    faces = *next;
  }
}

TEST_F(FaceFollowerTest, AsksForASearchWhereAFaceIsGone) {
  const auto faces = finder_.find(scene(150));
  Image gone = canvas(640, 360);
  paste(gone, head(kHopper, 90), 500, 180);
  EXPECT_FALSE(follower_.follow(gone, faces));
  EXPECT_FALSE(follower_.follow(scene(330), faces)) << "moved too far";
  EXPECT_FALSE(follower_.follow(scene(180), faces)) << "may be another one";
}

TEST_F(FaceFollowerTest, NobodyIsFollowedByNobody) {
  const auto next = follower_.follow(canvas(640, 360), {});
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->faces.empty());
}

}  // namespace
}  // namespace regard
