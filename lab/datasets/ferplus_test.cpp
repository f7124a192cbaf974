#include "lab/datasets/ferplus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <cstdlib>
#include <fstream>

#include "lab/datasets/packing.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/image/decode.h"
#include "regard/image/opencv.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(CountVotes, OneVoteCountsAsNone) {
  const auto result = count_votes({4, 0, 0, 1, 3, 2, 0, 0, 0, 0});  // 4 of 9 left: no majority
  EXPECT_EQ(result.label, -1);
  EXPECT_THAT(result.soft_labels, ElementsAre(4 / 9.f, 0, 0, 0, 3 / 9.f, 2 / 9.f, 0, 0));
}

TEST(CountVotes, MajorityNeedsMoreThanHalfOfWhatIsLeft) {
  EXPECT_EQ(count_votes({5, 5, 0, 0, 0, 0, 0, 0, 0, 0}).label, -1);
  EXPECT_EQ(count_votes({5, 3, 1, 1, 0, 0, 0, 0, 0, 0}).label, 0);
  EXPECT_EQ(count_votes({0, 5, 0, 0, 0, 0, 0, 0, 5, 0}).label, -1);
  EXPECT_EQ(count_votes({0, 0, 0, 0, 0, 0, 0, 6, 2, 2}).label, 7);
}

TEST(CountVotes, UnknownAndNoFaceAreNoLabels) {
  const auto result = count_votes({1, 0, 0, 0, 0, 0, 0, 0, 6, 3});
  EXPECT_EQ(result.label, -1);
  EXPECT_THAT(result.soft_labels, testing::Each(0.0f));
  const auto shared = count_votes({2, 2, 0, 0, 0, 0, 0, 0, 6, 0});
  EXPECT_EQ(shared.label, -1);
  EXPECT_FLOAT_EQ(shared.soft_labels[0], .5f);
}

/// A small FERPlus in the official layout.
class FerplusTree : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = fs::temp_directory_path() / ("regard_ferplus_" + std::string(test->name()));
    fs::remove_all(dir_);
    add("FER2013Train", "fer0000000.png", "0,8,0,0,0,0,0,0,0,2", 10);
    add("FER2013Train", "fer0000001.png", "4,0,0,4,0,0,0,0,2,0", 20);
    add("FER2013Train", "fer0000002.png", "0,0,0,0,0,0,0,0,9,1", 30);
    add("FER2013Valid", "fer0000003.png", "1,0,0,0,0,0,9,0,0,0", 40);
  }
  void TearDown() override { fs::remove_all(dir_); }

  void row(const std::string& folder, const std::string& text) {
    fs::create_directories(dir_ / folder);
    std::ofstream(dir_ / folder / "label.csv", std::ios::app) << text << "\r\n";
  }
  void add(const std::string& folder, const std::string& name, const std::string& votes, int grey,
           int channels = 1, int size = 48) {
    row(folder, name + ",\"(0, 0, 48, 48)\"," + votes);
    Image image(size, size, channels);
    std::ranges::fill(image.pixels, static_cast<std::uint8_t>(grey));
    image.pixels[static_cast<std::size_t>(24 * size + 24) * channels] = 200;  // else it would be no data
    write_image(dir_ / folder / name, image);
  }
  fs::path zipped(const std::string& root) {
    const fs::path path = dir_ / "ferplus.zip";
    zip_t* zip = zip_open(path.c_str(), ZIP_CREATE, nullptr);
    for (const auto& entry : fs::recursive_directory_iterator(dir_)) {
      if (!entry.is_regular_file()) continue;
      const std::string name = root + fs::relative(entry.path(), dir_).string();
      zip_file_add(zip, name.c_str(), zip_source_file(zip, entry.path().c_str(), 0, -1), 0);
    }
    zip_close(zip);
    return path;
  }
  static LoadedDataset read(const fs::path& source, std::vector<std::string> splits = {}) {
    return read_dataset(find_dataset("ferplus"), {.source = source, .splits = std::move(splits)});
  }
  std::string error_of(const fs::path& source, std::vector<std::string> splits = {}) {
    try {
      read(source, splits);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  /// What is left out, a line each, with the reason for counting before it.
  static std::string left_out_of(const fs::path& source, std::vector<std::string> splits = {}) {
    std::string lines;
    const auto add = [&](const LeftOut& image) { lines += image.reason + ": " + image.what + "\n"; };
    read_dataset(find_dataset("ferplus"), {.source = source, .splits = std::move(splits), .left_out = add});
    return lines;
  }
  fs::path dir_;
};

void expect_small_tree(const LoadedDataset& data) {
  ASSERT_EQ(data.samples.size(), 4u);
  EXPECT_EQ(data.samples[0].name, "fer0000000.png");
  EXPECT_EQ(data.samples[0].split, "train");
  EXPECT_EQ(data.samples[0].label, 1);
  EXPECT_EQ(data.samples[1].label, -1);
  EXPECT_FLOAT_EQ(data.samples[1].soft_labels[3], .5f);
  EXPECT_EQ(data.samples[3].split, "valid");
  EXPECT_EQ(data.samples[3].label, 6);
  ASSERT_EQ(data.chips.size(), 4u * 48 * 48);
  EXPECT_EQ(data.chips[48 * 48], 20);
  EXPECT_EQ(data.chips.back(), 40);
}

TEST_F(FerplusTree, IsReadFromFolders) {
  expect_small_tree(read(dir_));
}

TEST_F(FerplusTree, IsReadFromFoldersUnderData) {
  fs::create_directory(dir_ / "data");
  for (const char* folder : {"FER2013Train", "FER2013Valid"})
    fs::rename(dir_ / folder, dir_ / "data" / folder);
  expect_small_tree(read(dir_));
}

TEST_F(FerplusTree, IsReadFromZip) {
  expect_small_tree(read(zipped("")));
}

TEST_F(FerplusTree, IsReadFromZipUnderData) {
  expect_small_tree(read(zipped("data/")));
}

TEST_F(FerplusTree, ReadsTheAskedSplitsOnly) {
  EXPECT_EQ(read(dir_, {"valid"}).samples.size(), 1u);
  EXPECT_THAT(error_of(dir_, {"test"}), HasSubstr("FER2013Test/label.csv"));
  EXPECT_THAT(error_of(dir_, {"dev"}), HasSubstr("train, valid, test"));
}

TEST_F(FerplusTree, NamesTheFirstMissingFileOfAnotherTree) {
  EXPECT_THAT(error_of(dir_ / "FER2013Train"),
              HasSubstr("FER2013Train/FER2013Train/label.csv: file is missing"));
  EXPECT_THAT(error_of(dir_ / "nowhere"), HasSubstr("nowhere"));
}

TEST_F(FerplusTree, BadRowsNameFileAndLine) {
  row("FER2013Valid", "fer0000009.png,\"(0, 0, 48, 48)\",4,0,0,1");
  EXPECT_THAT(error_of(dir_), HasSubstr("FER2013Valid/label.csv:2: row has the wrong number of columns"));
}

TEST_F(FerplusTree, VotesAreNumbers) {
  row("FER2013Train", "fer0000009.png,\"(0, 0, 48, 48)\",4,0,0,x,0,0,0,0,0,0");
  EXPECT_THAT(error_of(dir_), HasSubstr("FER2013Train/label.csv:4: a vote is no count"));
}

TEST_F(FerplusTree, ANameOutsideItsFolderIsAnError) {
  row("FER2013Train", "../fer0000003.png,\"(0, 0, 48, 48)\",4,0,0,0,0,0,0,0,0,0");
  EXPECT_THAT(error_of(dir_), HasSubstr("label.csv:4: first column is no file name"));
}

TEST_F(FerplusTree, AnImageListedTwiceIsAnError) {
  row("FER2013Train", "fer0000001.png,\"(0, 0, 48, 48)\",4,0,0,0,0,0,0,0,0,0");
  EXPECT_THAT(error_of(dir_), HasSubstr("label.csv:4: image stands twice"));
}

TEST_F(FerplusTree, AMissingImageIsLeftOutWithItsRow) {
  row("FER2013Train", "fer0000009.png,\"(0, 0, 48, 48)\",4,0,0,0,0,0,0,0,0,0");
  EXPECT_THAT(left_out_of(dir_),
              testing::AllOf(HasSubstr("label.csv:4: image is missing"), HasSubstr("fer0000009.png")));
  EXPECT_THAT(left_out_of(zipped("")), HasSubstr("missing: " + (dir_ / "ferplus.zip").string() +
                                                 ":FER2013Train/label.csv:4: image is missing"));
  expect_small_tree(read(dir_));
  EXPECT_THAT(read(dir_).notes, ElementsAre("left out, missing: 1"));
}

TEST_F(FerplusTree, ImagesOfAnotherSizeAreLeftOut) {
  add("FER2013Train", "fer0000008.png", "4,0,0,0,0,0,0,0,0,0", 1, 1, 47);
  EXPECT_THAT(left_out_of(dir_), HasSubstr("expected 48 x 48, grey, 8 bits, got 47 x 47"));
  EXPECT_EQ(left_out_of(dir_, {"valid"}), "");
}

TEST_F(FerplusTree, ColourImagesAreLeftOut) {
  add("FER2013Train", "fer0000008.png", "4,0,0,0,0,0,0,0,0,0", 1, 3);
  EXPECT_THAT(left_out_of(dir_), HasSubstr("48 x 48, colour, 8 bits"));
}

TEST_F(FerplusTree, WhereNoImageCanBeUsedThatIsAnError) {
  for (const char* name : {"fer0000000.png", "fer0000001.png", "fer0000002.png"})
    fs::remove(dir_ / "FER2013Train" / name);
  EXPECT_THAT(error_of(dir_, {"train"}), testing::AllOf(HasSubstr("none of its 3 images can be used; got"),
                                                        HasSubstr("label.csv:1: image is missing")));
}

TEST_F(FerplusTree, LabelFilesOfOtherSystems) {
  const auto path = dir_ / "FER2013Train/label.csv";
  const std::string text = read_text(path);
  std::string utf16 = "\xff\xfe", mac;
  for (const char c : text) utf16 += std::string{c, '\0'};
  for (const char c : text)
    if (c != '\n') mac += c;
  for (const auto& other : {"\xef\xbb\xbf" + text, utf16, mac}) {
    write_text_atomically(path, other);
    expect_small_tree(read(dir_));
  }
  write_text_atomically(path, "PK\x03\x04");
  EXPECT_THAT(error_of(dir_), HasSubstr("FER2013Train/label.csv: file is not text"));
}

/// As an image of the right form begins, and no more.
constexpr unsigned char kPngStart[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0,  0, 13, 'I', 'H',
                                       'D',  'R', 0,   0,   0,    48,   0,    0,    0, 48, 8, 0,  0,   0};

TEST_F(FerplusTree, DamagedImagesAreLeftOutAndDamagedZipsAreErrors) {
  std::ofstream(dir_ / "FER2013Train" / "fer0000001.png") << "no image";
  EXPECT_THAT(left_out_of(dir_), HasSubstr("unreadable: " + (dir_ / "FER2013Train").string() +
                                           "/label.csv:2: image cannot be decoded"));
  const std::string end(reinterpret_cast<const char*>(kPngStart), sizeof kPngStart);
  std::ofstream(dir_ / "FER2013Train" / "fer0000001.png") << end;
  testing::internal::CaptureStderr();
  EXPECT_THAT(left_out_of(dir_), HasSubstr("label.csv:2: "));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  std::ofstream(dir_ / "bad.zip") << "no zip";
  EXPECT_THAT(error_of(dir_ / "bad.zip"), HasSubstr("bad.zip: zip file cannot be read"));
}

TEST_F(FerplusTree, PackingReportsProgressAndKeepsEverything) {
  std::vector<std::int64_t> seen;
  const auto progress = [&](std::int64_t done, std::int64_t total) { seen = {done, total}; };
  pack_dataset(find_dataset("ferplus"), {.source = dir_, .progress = progress}, dir_ / "out.pack");
  EXPECT_THAT(seen, ElementsAre(4, 4));
  const auto packed = PackedDataset::open(dir_ / "out.pack");
  EXPECT_EQ(packed.dataset(), "ferplus");
  EXPECT_THAT(packed.indices("train", true), ElementsAre(0));
  EXPECT_THAT(packed.indices("train", false), ElementsAre(0, 1));
  EXPECT_EQ(packed.name(3), "fer0000003.png");
  EXPECT_EQ(packed.chip(3)[0], 40);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator()),
            3);  // nothing else is left
}

TEST_F(FerplusTree, ChipsHaveASizeOfTheirOwn) {
  EXPECT_THAT(test::error_of(
                  [&] { read_dataset(find_dataset("ferplus"), {.source = dir_, .options = {.size = 64}}); }),
              HasSubstr("ferplus: chips of this set have a size of their own; expected 48, got 64"));
}

TEST_F(FerplusTree, AFailureLeavesNothing) {
  row("FER2013Valid", "fer0000009.png,\"(0, 0, 48, 48)\",4,0,0,x,0,0,0,0,0,0");
  EXPECT_THAT(test::error_of([&] {
                pack_dataset(find_dataset("ferplus"), {.source = dir_}, dir_ / "new" / "out.pack");
              }),
              HasSubstr("label.csv:2: a vote is no count"));
  EXPECT_TRUE(!fs::exists(dir_ / "new") || fs::is_empty(dir_ / "new"));
}

/// The two tables: a row of 2,304 equal pixels and its votes.
class FerplusTables : public testing::Test {
 protected:
  void row(int grey, const std::string& usage, const std::string& name, const std::string& votes) {
    std::string pixels;
    for (int i = 0; i < 48 * 48; ++i) pixels += (i ? " " : "") + std::to_string(i ? grey : 0);
    images_ += "3," + pixels + "," + usage + "\n";
    votes_ += usage + "," + name + "," + votes + "\r\n";
  }
  LoadedDataset read() {
    std::ofstream(folder_ / "fer2013.csv") << images_;
    std::ofstream(folder_ / "fer2013new.csv") << votes_;
    return read_dataset(find_dataset("ferplus-csv"), {.source = folder_.path()});
  }
  std::string images_ = "emotion,pixels,Usage\n",
              votes_ =
                  "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,"
                  "unknown,NF\r\n";
  test::TemporaryFolder folder_;
};

TEST_F(FerplusTables, RowsBelongTogetherAndNamesStandOnce) {
  row(10, "Training", "fer0000000.png", "4,0,0,1,3,2,0,0,0,0");
  row(20, "Training", "", "9,0,0,0,0,0,0,0,0,0");
  row(30, "PublicTest", "fer0028638.png", "0,10,0,0,0,0,0,0,0,0");
  row(40, "PrivateTest", "fer0032220.png", "0,0,0,0,0,0,8,0,0,2");
  row(50, "PrivateTest", "fer0032220.png", "8,0,0,0,0,0,0,0,0,2");
  const auto data = read();
  ASSERT_EQ(data.samples.size(), 3u);
  EXPECT_EQ(data.samples[0].label, -1);
  EXPECT_EQ(data.samples[1].split, "valid");
  EXPECT_EQ(data.samples[1].label, 1);
  EXPECT_EQ(data.samples[2].label, 6);
  EXPECT_EQ(data.samples[2].split, "test");
  EXPECT_EQ(data.size, 48);
  EXPECT_EQ(data.chips[2 * 48 * 48 + 1], 40);
  EXPECT_THAT(data.notes,
              ElementsAre("left out, name that stands there twice: 1", "left out, row without a name: 1"));
}

TEST_F(FerplusTables, RowsThatDoNotBelongTogetherAreAnError) {
  row(10, "Training", "fer0000000.png", "4,0,0,1,3,2,0,0,0,0");
  votes_.replace(votes_.rfind("Training"), 8, "PublicTest");
  EXPECT_THAT(test::error_of([&] { read(); }),
              HasSubstr("fer2013new.csv:2: rows of the two tables do not belong together"));
  images_.replace(images_.rfind("Training"), 8, "PublicTest").replace(images_.find("10 10"), 2, "1x");
  EXPECT_THAT(test::error_of([&] { read(); }), HasSubstr("pixels cannot be read; expected 2304 numbers"));
}

/// The published counts, where the data is there: REGARD_FERPLUS names its folder or zip file.
TEST(FerplusData, HasThePublishedCounts) {
  const char* source = std::getenv("REGARD_FERPLUS");
  if (!source) GTEST_SKIP() << "REGARD_FERPLUS is not set";
  const auto data = read_dataset(find_dataset("ferplus"), {.source = source});
  std::map<std::string, int> majority, all;
  std::array<int, 8> classes{};
  for (const auto& sample : data.samples) {
    ++all[sample.split];
    if (sample.label < 0) continue;
    ++majority[sample.split];
    if (sample.split != "test") ++classes[sample.label];
  }
  EXPECT_EQ(all["train"], 28558);
  EXPECT_EQ(majority["train"], 25045);
  EXPECT_EQ(all["valid"], 3579);
  EXPECT_EQ(majority["valid"], 3191);
  if (all.count("test")) {
    EXPECT_EQ(majority["test"], 3137);
  }
  EXPECT_THAT(classes, ElementsAre(9913, 8146, 3547, 3370, 2387, 141, 596, 136));
}

}  // namespace
}  // namespace regard
