#pragma once

#include <stdexcept>
#include <string>

namespace regard {

/// The only exception type of the library: what went wrong, in which file, key or argument, what was expected
/// and what was found. Empty parts are left out of the message.
class Error : public std::runtime_error {
 public:
  explicit Error(std::string what, std::string where = {}, std::string expected = {}, std::string got = {})
      : std::runtime_error(message(what, where, expected, got)),
        where_(std::move(where)),
        expected_(std::move(expected)),
        got_(std::move(got)) {}

  /// File, key or argument that the error is about.
  const std::string& where() const { return where_; }
  const std::string& expected() const { return expected_; }
  const std::string& got() const { return got_; }

 private:
  static std::string message(const std::string& what, const std::string& where, const std::string& expected,
                             const std::string& got) {
    std::string text = where.empty() ? what : where + ": " + what;
    if (!expected.empty()) text += "; expected " + expected;
    if (!got.empty()) text += (expected.empty() ? "; got " : ", got ") + got;
    return text;
  }

  std::string where_, expected_, got_;
};

}  // namespace regard
