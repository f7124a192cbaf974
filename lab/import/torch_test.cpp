#include "lab/import/torch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Files of torch.save; tests/weights/make.py makes them.
std::filesystem::path file(const std::string& name) {
  return std::filesystem::path(REGARD_SOURCE_DIR "/tests/weights") / name;
}

std::string error_of_file(const std::filesystem::path& path) {
  return error_of([&] {
    for (const auto& [name, tensor] : read_torch_file(path).tensors) tensor.values();
  });
}

class TorchFile : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(ImportTorch, TorchFile, testing::Values("state.pth", "state4.pth", "old.pth"));

TEST_P(TorchFile, TensorsOfEveryTypeAndLayout) {
  const auto tensors = read_torch_file(file(GetParam())).tensors;
  const auto values = [&](const char* name) { return tensors.at(name).values(); };
  EXPECT_EQ(tensors.size(), 9u);
  EXPECT_EQ(tensors.at("f32").shape, (Shape{2, 3}));
  EXPECT_THAT(values("f32"), ElementsAre(-1, -.75f, -.5f, -.25f, 0, .25f));
  EXPECT_THAT(values("f16"), ElementsAre(-1, -.75f, -.5f, -.25f, 0));
  EXPECT_THAT(values("bf16"), ElementsAre(-1, -.75f, -.5f, -.25f, 0));
  EXPECT_EQ(tensors.at("f64").shape, (Shape{1, 2, 2}));
  EXPECT_THAT(values("f64"), ElementsAre(-1, -.75f, -.5f, -.25f));
  EXPECT_EQ(tensors.at("turned").shape, (Shape{3, 2}));
  EXPECT_THAT(values("turned"), ElementsAre(-1, -.25f, -.75f, 0, -.5f, .25f));
  EXPECT_THAT(values("part"), ElementsAre(0, .25f));
  EXPECT_EQ(tensors.at("scalar").shape, Shape{});
  EXPECT_THAT(values("scalar"), ElementsAre(.5f));
  EXPECT_THAT(values("empty"), ElementsAre());
  EXPECT_THAT(error_of([&] { values("num_batches_tracked"); }),
              AllOf(HasSubstr("num_batches_tracked"), HasSubstr("LongStorage")));
}

TEST(ImportTorch, CheckpointsHoldTheirStateDictAmongOtherThings) {
  const auto [place, tensors] = read_torch_file(file("checkpoint.pth.tar"));
  EXPECT_EQ(place, "state_dict");
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_THAT(tensors.at("module.weight").values(), ElementsAre(-1, -.75f, -.5f, -.25f, 0, .25f));
  EXPECT_THAT(tensors.at("module.bias").values(), ElementsAre(-1, -.75f));
  EXPECT_THAT(read_torch_file(file("parameter.pth")).tensors.at("weight").values(),
              ElementsAre(-1, -.75f, -.5f, -.25f));
}

TEST(ImportTorch, WhatIsNoTensorIsPassedOver) {
  // Beside the state dict a call of os.system, which is not made.
  EXPECT_EQ(read_torch_file(file("command.pth")).tensors.size(), 9u);
  const auto [place, tensors] = read_torch_file(file("module.pth"));  // a whole torch.nn.Linear
  EXPECT_EQ(place, "");
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors.at("weight").shape, (Shape{2, 2}));
  EXPECT_EQ(tensors.at("bias").values().size(), 2u);
  EXPECT_THAT(error_of_file(file("list.pth")),
              AllOf(HasSubstr("no tensors by name"), HasSubstr("got a list with a number, a number")));
}

TEST(ImportTorch, ArchivesThatAreNotAsTorchLeavesThemAreErrors) {
  EXPECT_THAT(error_of_file(file("compressed.pth")), HasSubstr("compressed"));
  EXPECT_THAT(error_of_file(file("big_endian.pth")), HasSubstr("big-endian"));
  EXPECT_THAT(error_of_file(file("lacking.pth")), AllOf(HasSubstr("data/0"), HasSubstr("missing")));
  EXPECT_THAT(error_of_file(file("short.pth")), AllOf(HasSubstr("16 bytes"), HasSubstr("got 8")));
  EXPECT_THAT(error_of_file(file("other.pth")), HasSubstr("data.pkl"));
  EXPECT_THAT(error_of_file(file("make.py")), HasSubstr("not a file of torch.save; got text"));
  EXPECT_THAT(error_of_file(file("nothing.pth")), HasSubstr("nothing.pth"));
}

/// Not flushed to the disk, as there are thousands of them.
std::string error_of_bytes(const TemporaryFolder& folder, std::string_view bytes) {
  std::ofstream(folder / "a.pth", std::ios::binary) << bytes;
  return error_of_file(folder / "a.pth");
}

class DamagedTorchFile : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(ImportTorch, DamagedTorchFile,
                         testing::Values("state.pth", "old.pth", "checkpoint.pth.tar"));

TEST_P(DamagedTorchFile, TruncatedAnywhereIsAnError) {
  const TemporaryFolder folder;
  const auto bytes = read_text(file(GetParam()));
  for (std::size_t length = 0; length < bytes.size(); length += length < 64 ? 1 : 13) {
    EXPECT_NE(error_of_bytes(folder, std::string_view(bytes).substr(0, length)), "") << length;
  }
}

/// Whatever a byte is changed to: an error or tensors, never more.
TEST_P(DamagedTorchFile, ChangedAnywhereIsAnErrorOrTensors) {
  const TemporaryFolder folder;
  const auto bytes = read_text(file(GetParam()));
  int errors = 0;
  for (std::size_t place = 0; place < bytes.size(); place += 3) {
    auto changed = bytes;
    changed[place] = static_cast<char>(changed[place] ^ (place % 2 ? 0xff : 0x09));
    errors += error_of_bytes(folder, changed) != "";
  }
  EXPECT_GT(errors, static_cast<int>(bytes.size() / 30));
}

}  // namespace
}  // namespace regard
