#include "regard/server/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regard {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ServerMetricsTest, RequestsAreCountedByRouteAndStatus) {
  ServerMetrics metrics;
  metrics.note({.path = "/recognize", .route = "/recognize", .status = 200, .received = 5, .seconds = .02});
  metrics.note({.path = "/recognize", .route = "/recognize", .status = 200, .received = 6, .seconds = 100});
  metrics.note({.path = "/made/up", .status = 404});
  metrics.note_image(3);
  const auto text = metrics.text({{"regard_queue_length", "Requests that wait.", 2}});
  EXPECT_THAT(text, HasSubstr("regard_requests_total{route=\"/recognize\",status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("regard_requests_total{route=\"\",status=\"404\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("made")));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/recognize\",le=\"0.01\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/recognize\",le=\"0.025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/recognize\",le=\"30\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/recognize\",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_sum{route=\"/recognize\"} 100.02\n"));
  EXPECT_THAT(text, HasSubstr("\nregard_received_bytes_total 11\n"));
  EXPECT_THAT(text, HasSubstr("\nregard_faces_total 3\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE regard_queue_length gauge\nregard_queue_length 2\n"));
}

}  // namespace
}  // namespace regard
