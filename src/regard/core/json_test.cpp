#include "regard/core/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::AllOf;
using testing::HasSubstr;

TEST(ParseJson, KeepsTheOrder) {
  EXPECT_EQ(parse_json(R"({"b":1,"a":[2,{"c":null}]})", "x").dump(), R"({"b":1,"a":[2,{"c":null}]})");
  EXPECT_EQ(parse_json<nlohmann::json>(R"({"b":1,"a":2})", "x").dump(), R"({"a":2,"b":1})");
}

TEST(ParseJson, RefusesANameGivenTwice) {
  EXPECT_THAT(error_of([] { parse_json(R"({"a":{"k":1,"k":2}})", "a.json"); }),
              AllOf(HasSubstr("a.json"), HasSubstr("twice"), HasSubstr("\"k\"")));
  EXPECT_EQ(error_of([] { parse_json(R"({"a":{"k":1},"b":{"k":2},"k":3})", "x"); }), "");
}

TEST(ParseJson, RefusesDeepNesting) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(error_of([&] { parse_json(nested(64), "x"); }), "");
  EXPECT_THAT(error_of([&] { parse_json(nested(65), "x"); }), HasSubstr("expected 64 levels"));
  EXPECT_THAT(error_of([&] { parse_json(nested(100'000), "x"); }), HasSubstr("deep"));
}

TEST(ParseJson, RefusesWhatIsNone) {
  for (const char* text : {"", "{", "{'a':1}", "[1,]", "1e999", "{} {}", "\"\xff\""})
    EXPECT_THAT(error_of([&] { parse_json(text, "a.json"); }), HasSubstr("a.json")) << text;
}

TEST(JsonText, IsUtf8OrAnError) {
  EXPECT_EQ(json_text({{"a", "ä"}}, "x"), R"({"a":"ä"})");
  EXPECT_THAT(error_of([] { json_text({{"a", "\xff"}}, "x"); }), AllOf(HasSubstr("x: "), HasSubstr("UTF-8")));
  EXPECT_EQ(json_shown("\xff"), "\"\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace regard
