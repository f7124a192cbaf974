#include "regard/http/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(HttpMessageTest, FieldsAreFoundInAnyCase) {
  const HttpRequest request{.fields = {{"content-type", "image/PNG; x=y"}, {"Host", "a"}}};
  EXPECT_EQ(request.field("Content-Type"), "image/PNG; x=y");
  EXPECT_EQ(request.field("Accept"), "");
  EXPECT_EQ(media_type(request.field("Content-Type")), "image/png");
}

TEST(HttpMessageTest, ParametersMayBeQuoted) {
  EXPECT_EQ(parameter_of("multipart/form-data; charset=x ;boundary=\"a;b\"", "boundary"), "a;b");
  EXPECT_EQ(parameter_of(R"(form-data; name="a\"b"; filename="C:\photos\x.jpg")", "filename"),
            R"(C:\photos\x.jpg)");
  EXPECT_EQ(parameter_of(R"(form-data; name="a\"b")", "name"), "a\"b");
  EXPECT_EQ(parameter_of("multipart/form-data", "boundary"), std::nullopt);
}

TEST(HttpMessageTest, QueriesAreDecoded) {
  const HttpRequest request{.query = "file=a%20b+c%2Fd.jpg&empty="};
  EXPECT_EQ(request.asked("file"), "a b c/d.jpg");
  EXPECT_EQ(request.asked("empty"), "");
  EXPECT_EQ(request.asked("other"), std::nullopt);
  EXPECT_THAT(test::error_of([&] { percent_decoded("%4", "path"); }),
              AllOf(HasSubstr("percent sign"), HasSubstr("path")));
  EXPECT_THAT(test::error_of([&] { percent_decoded("%00", "path"); }),
              AllOf(HasSubstr("percent sign"), HasSubstr("%00")));
}

TEST(HttpMessageTest, WhatIsThrownBecomesAnAnswer) {
  EXPECT_EQ(answer_of([]() -> HttpAnswer { throw Error("wrong", "x"); }).status, 400);
  const auto failed = answer_of([]() -> HttpAnswer { throw std::runtime_error("broken"); });
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.body, "{\"error\":\"broken\"}\n");
  EXPECT_EQ(field_of(busy_answer("full", 2).fields, "retry-after"), "2");
}

}  // namespace
}  // namespace regard
