#include "regard/network/plain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/network/network.h"
#include "tests/support.h"

namespace regard {
namespace {

SpecOps described(const Json& options) {
  return describe_network({"plain", options, 48, 8, 1});
}

TEST(Plain, EveryViewCostsOnePassOfTheSameParameters) {
  const auto one = described({{"input_size", 64}});
  const auto four = described({{"input_size", 64}, {"flip_tta", true}, {"zooms", {0.9, 1.1}}});
  EXPECT_EQ(four.multiply_adds(), 4 * one.multiply_adds());
  EXPECT_EQ(four.parameters().size(), one.parameters().size());
  for (const auto& [name, shape] : four.outputs()) EXPECT_EQ(shape, (Shape{1, 8})) << name;
}

TEST(Plain, LooksAtSomething) {
  EXPECT_THAT(test::error_of([] {
                described({{"zooms", Json::array()}});
              }),
              testing::HasSubstr("network has no view"));
}

TEST(AboutCentre, KeepsTheCentreAndScalesTheSides) {
  const auto closer = about_centre(0.5f);
  const Point corner = closer({0, 0}), centre = closer({0.5f, 0.5f}),
              mirrored = compose(kMirroredFace, closer)({0, 0});
  EXPECT_FLOAT_EQ(corner.x, 0.25f);
  EXPECT_FLOAT_EQ(corner.y, 0.25f);
  EXPECT_FLOAT_EQ(centre.x, 0.5f);
  EXPECT_FLOAT_EQ(centre.y, 0.5f);
  EXPECT_FLOAT_EQ(mirrored.x, 0.75f);
  EXPECT_FLOAT_EQ(mirrored.y, 0.25f);
}

}  // namespace
}  // namespace regard
