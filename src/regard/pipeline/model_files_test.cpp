#include "regard/pipeline/model_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/support.h"

namespace regard {
namespace {

TEST(ModelFilesTest, UnknownModelsAreErrorsThatListTheKnownOnes) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "some-model.safetensors") << "x";
  ASSERT_EQ(setenv("REGARD_MODELS", folder.path().c_str(), 1), 0);
  EXPECT_EQ(models_folder(), folder.path());
  EXPECT_EQ(find_model("some-model"), folder / "some-model.safetensors");
  EXPECT_EQ(find_model(folder / "some-model.safetensors"), folder / "some-model.safetensors");
  EXPECT_EQ(test::error_of([] { find_model("nothing"); }),
            "nothing: there is no such model; expected a file or one of: some-model");
  const auto shipped = detector_file(), samples = samples_folder();
  std::ofstream(folder / "yunet-2023mar.onnx") << "x";
  EXPECT_EQ(detector_file(), folder / "yunet-2023mar.onnx");
  unsetenv("REGARD_MODELS");
  EXPECT_EQ(shipped, models_folder() / "yunet-2023mar.onnx");
  EXPECT_TRUE(std::filesystem::is_regular_file(shipped));
  EXPECT_TRUE(std::filesystem::is_regular_file(samples / "astronaut.png"));
  EXPECT_TRUE(std::filesystem::is_directory(samples_folder()));
}

TEST(ModelFilesTest, RecipesLieBesideTheModels) {
  EXPECT_TRUE(std::filesystem::is_regular_file(recipes_folder() / "ferplus-ran.toml"));
}

}  // namespace
}  // namespace regard
