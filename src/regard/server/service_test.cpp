#include "regard/server/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "regard/core/json.h"
#include "regard/core/text.h"
#include "regard/server/assets.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const Asset& served_asset(std::string_view path) {
  for (const auto& asset : server_assets())
    if (asset.path == path) return asset;
  throw Error("no such asset", std::string(path));
}

TEST(RecognitionServiceTest, EveryRouteIsDescribedAndNoOther) {
  const HttpServer server({}, {}, {});
  RecognitionService service("", {}, {.jobs = 1});
  std::set<std::string> routes, described;
  for (const auto& route : service.routes(server)) routes.insert(lower_case(route.method) + " " + route.path);
  const Json description = parse_json(served_asset("/openapi.json").text, "openapi.json");
  for (const auto& [path, methods] : description["paths"].items())
    for (const auto& [method, what] : methods.items())
      described.insert(method + " " + std::regex_replace(path, std::regex("\\{\\w+\\}"), "*"));
  EXPECT_EQ(routes, described);
}

TEST(RecognitionServiceTest, OptionsAreChecked) {
  EXPECT_THAT(test::error_of([] { RecognitionService("", {}, {.jobs = -1}); }), HasSubstr("jobs"));
  EXPECT_THAT(test::error_of([] { RecognitionService("", {}, {.formats = {"PDF"}}); }),
              AllOf(HasSubstr("image format"), HasSubstr("PDF")));
  EXPECT_NE(test::error_of([] { RecognitionService("no-such-model", {}, {}); }), "");
}

// Longer queues answer no more requests in the long run, only later ones.
TEST(RecognitionServiceTest, AsManyRequestsWaitAsAreWorkedOn) {
  EXPECT_EQ(RecognitionService("", {}, {.jobs = 3}).options().queue, 3);
  EXPECT_EQ(RecognitionService("", {}, {.jobs = 1, .queue = 9}).options().queue, 9);
}

TEST(PageTest, NothingComesFromElsewhere) {
  for (const char* path : {"/", "/page.css", "/page.js"}) {
    const std::string text = std::regex_replace(std::string(served_asset(path).text),
                                                std::regex("http://www.w3.org/2000/svg"), "");
    EXPECT_EQ(text.find("://"), text.npos) << path;
  }
  const std::string page = served_asset("/").text;
  EXPECT_FALSE(std::regex_search(page, std::regex(R"( (style|on\w+)=|<style|<script>)")))
      << "the policy forbids it";
  EXPECT_THAT(page, HasSubstr("An expression is not a feeling."));
}

}  // namespace
}  // namespace regard
