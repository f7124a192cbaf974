#include "regard/http/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

int gate_status(const HttpGate& gate, HttpFields fields, const std::string& method = "POST",
                bool open = false) {
  const auto refused = gate.refused({.method = method, .fields = std::move(fields)}, open);
  return refused ? refused->status : 200;
}

TEST(GateTest, OnlyThisMachinesNamesByDefault) {
  const HttpGate gate({}, true);
  for (const char* host : {"127.0.0.1:8018", "localhost", "LOCALHOST:1", "[::1]:8018", "[::1]"})
    EXPECT_EQ(gate_status(gate, {{"Host", host}}), 200) << host;
  for (const char* host : {"evil.example", "evil.example:8018", "localhost.evil.example", ""})
    EXPECT_EQ(gate_status(gate, {{"Host", host}}), 403) << host;
  EXPECT_EQ(gate_status(gate, {}), 400);
  EXPECT_EQ(gate_status(gate, {{"Host", "localhost"}, {"host", "localhost"}}), 400);
}

TEST(GateTest, NamedHostsAreKnown) {
  EXPECT_EQ(gate_status(HttpGate({.hosts = {"faces.example"}}, true), {{"Host", "faces.example:443"}}), 200);
  EXPECT_EQ(gate_status(HttpGate({.hosts = {"faces.example"}}, false), {{"Host", "evil.example"}}), 403);
  EXPECT_EQ(gate_status(HttpGate({}, false), {{"Host", "anything"}}), 200);
}

TEST(GateTest, PagesOfOtherOriginsAreRefused) {
  const HttpGate gate({.origins = {"https://good.example"}}, true);
  const auto status = [&](const char* name, const char* value, const char* method) {
    return gate_status(gate, {{"Host", "localhost:8018"}, {name, value}}, method);
  };
  EXPECT_EQ(status("Origin", "http://localhost:8018", "POST"), 200);
  EXPECT_EQ(status("Origin", "https://good.example", "POST"), 200);
  EXPECT_EQ(status("Origin", "https://evil.example", "POST"), 403);
  EXPECT_EQ(status("Origin", "http://localhost:8019", "POST"), 403);
  EXPECT_EQ(status("Origin", "null", "POST"), 403);
  EXPECT_EQ(status("Sec-Fetch-Site", "cross-site", "POST"), 403);
  EXPECT_EQ(status("Sec-Fetch-Site", "cross-site", "GET"), 200);
}

TEST(GateTest, OnlyNamedOriginsMayReadAnswers) {
  const HttpGate gate({.origins = {"https://good.example"}}, true);
  EXPECT_EQ(field_of(gate.fields_for({.fields = {{"Origin", "https://good.example"}}}),
                     "Access-Control-Allow-Origin"),
            "https://good.example");
  EXPECT_FALSE(field_of(gate.fields_for({.fields = {{"Origin", "https://evil.example"}}}),
                        "Access-Control-Allow-Origin"));
}

TEST(GateTest, ATokenIsAskedFor) {
  const HttpGate gate({.token = "0123456789abcdef"}, false);
  const auto status = [&](const char* given, bool open) {
    return gate_status(gate, {{"Host", "any"}, {"Authorization", given}}, "GET", open);
  };
  EXPECT_EQ(status("Bearer 0123456789abcdef", false), 200);
  EXPECT_EQ(status("bearer 0123456789abcdef", false), 200);
  EXPECT_EQ(status("Bearer 0123456789abcdeF", false), 401);
  EXPECT_EQ(status("Bearer 0123456789abcde", false), 401);
  EXPECT_EQ(status("Basic 0123456789abcdef", false), 401);
  EXPECT_EQ(status("", false), 401);
  EXPECT_EQ(status("", true), 200);
}

TEST(GateTest, TokenFilesAreForOneUser) {
  const test::TemporaryFolder folder;
  const auto path = folder / "token";
  const auto write = [&](const char* text, unsigned permissions) {
    write_text_atomically(path, text);
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(permissions));
  };
  write("0123456789abcdef\n", 0600);
  EXPECT_EQ(read_token(path), "0123456789abcdef");
  write("0123456789abcdef\n", 0644);
  EXPECT_THAT(test::error_of([&] { read_token(path); }),
              AllOf(HasSubstr("read by other users"), HasSubstr("600")));
  write("short\n", 0600);
  EXPECT_THAT(test::error_of([&] { read_token(path); }), HasSubstr("16 characters"));
  write("", 0600);
  EXPECT_THAT(test::error_of([&] { read_token(path); }), HasSubstr("16 characters"));
}

}  // namespace
}  // namespace regard
