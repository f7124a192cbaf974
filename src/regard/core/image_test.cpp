#include "regard/core/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::HasSubstr;

std::string error_of_view(int width, int height, int channels, std::ptrdiff_t stride) {
  const std::uint8_t pixel = 0;
  return error_of([&] { check_view({&pixel, width, height, channels, stride}, "photo"); });
}

TEST(CheckView, PassesWholeImagesAndPartsOfThem) {
  EXPECT_EQ(error_of_view(5, 4, 3, 15), "");
  EXPECT_EQ(error_of_view(5, 4, 3, 100), "");
  EXPECT_EQ(error_of_view(5, 4, 1, 5), "");
  EXPECT_EQ(error_of([] { check_view(Image(2, 2)); }), "");
}

TEST(CheckView, RefusesWhatIsNoImage) {
  EXPECT_THAT(error_of_view(0, 4, 3, 15), HasSubstr("photo: image is empty"));
  EXPECT_THAT(error_of_view(5, -4, 3, 15), HasSubstr("empty"));
  EXPECT_THAT(error_of([] { check_view({nullptr, 5, 4, 3, 15}); }), HasSubstr("empty"));
  EXPECT_THAT(error_of_view(5, 4, 4, 20), HasSubstr("1 or 3, got 4"));
  EXPECT_THAT(error_of_view(5, 4, 3, 14), HasSubstr("15 bytes or more, got 14"));
  EXPECT_THAT(error_of_view(5, 4, 3, -15), HasSubstr("stride"));
  EXPECT_THAT(error_of_view(INT_MAX, 1, 3, 100), HasSubstr("stride"));
}

}  // namespace
}  // namespace regard
