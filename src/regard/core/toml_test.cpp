#include "regard/core/toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

TEST(Toml, IsReadAsJson) {
  const test::TemporaryFolder folder;
  write_text_atomically(folder / "a.toml", "a = 1\nb = [0.5, 1.0]\n[c]\nd = 'x'\n[[row]]\ne = true\n");
  EXPECT_EQ(read_toml(folder / "a.toml"),
            (Json{{"a", 1}, {"b", {0.5, 1.0}}, {"c", {{"d", "x"}}}, {"row", Json::array({{{"e", true}}})}}));
}

TEST(Toml, ErrorsNameTheLine) {
  const test::TemporaryFolder folder;
  write_text_atomically(folder / "a.toml", "a = 1\nb =\n");
  EXPECT_THAT(test::error_of([&] { read_toml(folder / "a.toml"); }), testing::HasSubstr("a.toml:2"));
}

TEST(Toml, TablesAreLaidOverEachOther) {
  Json json{{"a", 1}, {"t", {{"x", 1}, {"y", 2}}}, {"l", {1, 2}}};
  lay_over(json, {{"t", {{"y", 3}, {"z", {{"deep", 4}}}}}, {"l", Json::array({5})}, {"new", true}});
  EXPECT_EQ(json, (Json{{"a", 1},
                        {"t", {{"x", 1}, {"y", 3}, {"z", {{"deep", 4}}}}},
                        {"l", Json::array({5})},
                        {"new", true}}));
}

}  // namespace
}  // namespace regard
