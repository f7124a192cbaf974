#include "regard/http/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regard {
namespace {

using testing::ElementsAre;

TEST(RouteTest, StarsStandForOneSegment) {
  const std::vector<HttpRoute> routes{{"GET", "/", {}},
                                      {"GET", "/v2/models/*", {}},
                                      {"POST", "/v2/models/*/infer", {}, {"application/json"}},
                                      {"GET", "/v2/models/*/versions/*", {}}};
  EXPECT_EQ(find_route(routes, "GET", "/").route, &routes[0]);
  EXPECT_EQ(find_route(routes, "HEAD", "/").route, &routes[0]);
  EXPECT_THAT(find_route(routes, "GET", "/v2/models/a").parts, ElementsAre("a"));
  EXPECT_THAT(find_route(routes, "POST", "/v2/models/a/infer").parts, ElementsAre("a"));
  EXPECT_THAT(find_route(routes, "GET", "/v2/models/a/versions/1").parts, ElementsAre("a", "1"));
  EXPECT_EQ(find_route(routes, "GET", "/v2/models/").route, nullptr);
  EXPECT_EQ(find_route(routes, "GET", "/v2/models/a/").route, nullptr);
  EXPECT_EQ(find_route(routes, "GET", "/v2/models").route, nullptr);
  EXPECT_EQ(find_route(routes, "GET", "/x").route, nullptr);
}

TEST(RouteTest, TheMethodsThatWouldFitAreNamed) {
  const std::vector<HttpRoute> routes{{"GET", "/a", {}}, {"POST", "/a", {}}};
  const auto found = find_route(routes, "DELETE", "/a");
  EXPECT_EQ(found.route, nullptr);
  EXPECT_THAT(found.methods, ElementsAre("GET", "HEAD", "POST"));
  EXPECT_TRUE(find_route(routes, "DELETE", "/b").methods.empty());
}

TEST(RouteTest, MediaTypesMayHaveAStar) {
  const HttpRoute route{"POST", "/a", {}, {"image/*", "application/json"}};
  EXPECT_TRUE(takes(route, "image/png"));
  EXPECT_TRUE(takes(route, "application/json"));
  EXPECT_FALSE(takes(route, "image/"));
  EXPECT_FALSE(takes(route, "text/plain"));
  EXPECT_FALSE(takes(route, ""));
}

}  // namespace
}  // namespace regard
