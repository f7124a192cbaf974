#include "regard/server/served_model.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "regard/model/model.h"
#include "regard/pipeline/model_files.h"
#include "tests/support.h"

namespace regard {
namespace {

TEST(ServedModelTest, TheModelIsReplacedUnlessItIsDamaged) {
  const test::TemporaryFolder folder;
  const auto file = folder / "model.safetensors";
  std::filesystem::copy_file(find_model("ferplus-mobilenet"), file);
  CurrentModel current(file, {});
  const auto before = current.get();
  EXPECT_EQ(before->recognizer().model().name, "ferplus-mobilenet");

  std::ofstream(file) << "damaged";
  EXPECT_NE(test::error_of([&] { current.reload(); }), "");
  EXPECT_EQ(current.get(), before);
  EXPECT_EQ(before->recognizer().model().hash(), load_model(find_model("ferplus-mobilenet")).hash());

  std::filesystem::copy_file(find_model("ferplus-ran"), file,
                             std::filesystem::copy_options::overwrite_existing);
  current.reload();
  EXPECT_EQ(current.get()->recognizer().model().name, "ferplus-ran");
  EXPECT_EQ(before->recognizer().model().name, "ferplus-mobilenet") << "requests under way keep theirs";
}

}  // namespace
}  // namespace regard
