#include "regard/server/log.h"

#include <gtest/gtest.h>

#include "regard/core/json.h"

namespace regard {
namespace {

TEST(LogTest, RequestsAreLinesOfJson) {
  const HttpRecord record{.method = "POST",
                          .path = "/recognize\n",
                          .status = 200,
                          .received = 7,
                          .seconds = .01234,
                          .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
  const std::string line = log_line(record);
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "what clients send cannot begin a line";
  const auto json = parse_json(line, "line");
  EXPECT_EQ(json["level"], "info");
  EXPECT_EQ(json["path"], "/recognize\n");
  EXPECT_EQ(json["milliseconds"], 12.34);
  EXPECT_EQ(json["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(json["parent_span_id"], "b7ad6b7169203331");
  EXPECT_FALSE(json.contains("peer"));
}

TEST(LogTest, WrongTracesAreLeftOut) {
  for (const char* trace : {"", "00-x-y-01", "00-0af7651916cd43dd8448eb211c80319C-b7ad6b7169203331-01"})
    EXPECT_FALSE(parse_json(log_line({.status = 500, .traceparent = trace}), "line").contains("trace_id"))
        << trace;
  EXPECT_EQ(parse_json(log_line({.status = 500}), "line")["level"], "error");
}

}  // namespace
}  // namespace regard
