#include "regard/clip/method.h"

#include <gtest/gtest.h>

namespace regard {
namespace {

TEST(MethodTest, VersionModelAndOptions) {
  std::promise<std::string> hash;
  hash.set_value("0123abcd");
  const ModelInfo model{.name = "ferplus-mobilenet", .file_hash = hash.get_future().share()};
  EXPECT_EQ(method_sentence("1.2.3", model, {}),
            "Facial expressions were recognised with regard 1.2.3 and its model ferplus-mobilenet (SHA-256 "
            "0123abcd), with the default options.");
  EXPECT_TRUE(method_sentence("1.2.3", model, {"--fps=5", "--people=2"})
                  .ends_with("(SHA-256 0123abcd), with the options --fps=5 --people=2."));
}

}  // namespace
}  // namespace regard
