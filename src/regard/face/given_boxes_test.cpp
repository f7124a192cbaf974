#include "regard/face/given_boxes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/faces.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string error_of_second(const Box& box) {
  const Image image = test::canvas(100, 80);
  return test::error_of([&] { check_boxes(std::vector<Box>{{10, 10, 20, 20}, box}, image); });
}

TEST(GivenBoxesTest, BoxesThatReachIntoTheImageAreRight) {
  EXPECT_EQ(error_of_second({0, 0, 100, 80}), "");
  EXPECT_EQ(error_of_second({-50, -50, 51, 51}), "");
  EXPECT_EQ(error_of_second({99, 79, 500, 500}), "");
  EXPECT_EQ(test::error_of([] { check_boxes({}, test::canvas(1, 1)); }), "");
}

TEST(GivenBoxesTest, NumbersThatAreNoneAreAnErrorThatNamesTheBox) {
  for (const float bad : {NAN, INFINITY, -INFINITY, 1e30f})
    for (const Box& box : {Box{bad, 0, 9, 9}, Box{0, bad, 9, 9}, Box{0, 0, bad, 9}, Box{0, 0, 9, bad}})
      EXPECT_THAT(error_of_second(box),
                  AllOf(HasSubstr("boxes[1]: box is out of range"), HasSubstr("finite")));
}

TEST(GivenBoxesTest, EmptyBoxesAreAnErrorThatNamesTheBox) {
  for (const Box& box : {Box{5, 5, 0, 9}, Box{5, 5, 9, 0}, Box{5, 5, -3, 9}, Box{5, 5, 9, -3}})
    EXPECT_THAT(error_of_second(box), HasSubstr("boxes[1]: box is empty"));
  EXPECT_THAT(error_of_second({5, 5, -3, 9}), HasSubstr("width -3"));
}

TEST(GivenBoxesTest, BoxesOutsideOfTheImageAreAnErrorThatNamesTheBox) {
  for (const Box& box : {Box{100, 0, 9, 9}, Box{0, 80, 9, 9}, Box{-9, 0, 9, 9}, Box{0, -9, 9, 9}})
    EXPECT_THAT(error_of_second(box),
                AllOf(HasSubstr("boxes[1]: box lies outside of the image"), HasSubstr("100 x 80 pixels")));
}

TEST(GivenBoxesTest, ASingleBoxIsNamedAsItsReaderNamesIt) {
  EXPECT_THAT(test::error_of([] {
                check_box({0, 0, 0, 1}, "faces.csv:7");
              }),
              HasSubstr("faces.csv:7: box is empty"));
}

}  // namespace
}  // namespace regard
