#include "regard/http/multipart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kType = "multipart/form-data; boundary=xyz";

TEST(MultipartTest, PartsAreTakenAsTheyAre) {
  const std::string body =
      "--xyz\r\nContent-Disposition: form-data; name=\"images\"; filename=\"a.png\"\r\nContent-Type: "
      "image/png\r\n"
      "\r\n\x01\r\n-\r\n--xy\r\n--xyz\r\ncontent-disposition: form-data; name=empty\r\n\r\n\r\n--xyz--\r\n";
  const auto parts = parse_form(body, kType, 2);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].name, "images");
  EXPECT_EQ(parts[0].file, "a.png");
  EXPECT_EQ(parts[0].type, "image/png");
  EXPECT_EQ(parts[0].bytes, "\x01\r\n-\r\n--xy");
  EXPECT_EQ(parts[1].name, "empty");
  EXPECT_EQ(parts[1].bytes, "");
  EXPECT_THAT(test::error_of([&] { parse_form(body, kType, 1); }),
              AllOf(HasSubstr("too many parts"), HasSubstr("1 at most")));
}

TEST(MultipartTest, AnyCutIsFound) {
  const std::string body = "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\nbytes\r\n--xyz--";
  EXPECT_EQ(parse_form(body, kType, 1).at(0).bytes, "bytes");
  for (std::size_t length = 0; length < body.size(); ++length)
    EXPECT_THROW(parse_form(body.substr(0, length), kType, 1), Error) << length;
}

TEST(MultipartTest, WrongFormsAreSaidToBe) {
  EXPECT_THAT(test::error_of([&] { parse_form("--x--", "multipart/form-data", 1); }),
              HasSubstr("boundary is missing"));
  EXPECT_THAT(test::error_of(
                  [&] { parse_form("--x--", "multipart/form-data; boundary=" + std::string(71, 'x'), 1); }),
              HasSubstr("boundary is missing"));
  EXPECT_THAT(test::error_of([&] { parse_form("hello", kType, 1); }),
              AllOf(HasSubstr("does not begin with the boundary"), HasSubstr("--xyz")));
  EXPECT_THAT(test::error_of([&] { parse_form("--xyz\r\n\r\nbytes\r\n--xyz--", kType, 1); }),
              HasSubstr("part has no name"));
  EXPECT_THAT(
      test::error_of([&] { parse_form("--xyz\r\nContent-Type: a/b\r\n\r\nbytes\r\n--xyz--", kType, 1); }),
      HasSubstr("part has no name"));
  EXPECT_THAT(test::error_of([&] {
                parse_form("--xyz\r\nx: " + std::string(5000, 'x') + "\r\n\r\nb\r\n--xyz--", kType, 1);
              }),
              HasSubstr("long header"));
}

}  // namespace
}  // namespace regard
