#include "regard/clip/journal.h"

#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;

std::vector<RecognizedFrame> group(int first) {
  std::vector<RecognizedFrame> frames;
  for (int i = first; i < first + 2; ++i) {
    RecognizedFrame frame{.stamp = {.number = i, .seconds = i * .04, .damaged = i == 3},
                          .cut = i == 0,
                          .width = 64,
                          .height = 48};
    frame.detections = {{.box = {1, 2, 3, 4}, .score = .5f, .landmarks = {{{1, 2}}}, .closeup = .25f}};
    frame.faces = {{.box = {1, 2, 3, 4},
                    .score = .5f,
                    .pose = {.yaw = 3.25f},
                    .expression = "anger",
                    .probabilities = {.1f, .9f},
                    .views = {{.name = "nose", .weight = .5f, .self_attention = .125f}}}};
    frame.classified = {1};
    frame.appearances[0] = {.6f, .8f};
    frames.push_back(frame);
  }
  return frames;
}

std::vector<std::string> replayed(const Journal& journal) {
  std::vector<std::string> groups;
  journal.replay([&](auto& frames) { groups.push_back(group_to_bytes(frames)); });
  return groups;
}

TEST(JournalTest, GroupsComeBackWhole) {
  const auto bytes = group_to_bytes(group(2));
  const auto back = group_from_bytes(bytes, "entry");
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[1].stamp.number, 3);
  EXPECT_TRUE(back[1].stamp.damaged);
  EXPECT_EQ(back[0].width, 64);
  EXPECT_EQ(back[0].height, 48);
  EXPECT_EQ(back[0].detections[0].closeup, .25f);
  EXPECT_EQ(back[0].faces[0].expression, "anger");
  EXPECT_EQ(back[0].faces[0].probabilities, (std::vector{.1f, .9f}));
  EXPECT_EQ(back[0].faces[0].views[0].self_attention, .125f);
  EXPECT_FALSE(back[0].faces[0].views[0].relation_attention);
  EXPECT_EQ(back[0].appearances.at(0), (std::vector{.6f, .8f}));
  EXPECT_EQ(group_to_bytes(back), bytes);
}

TEST(JournalTest, DamagedBytesAreAnError) {
  const auto bytes = group_to_bytes(group(2));
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_NE(error_of([&] { group_from_bytes(std::string_view(bytes).substr(0, length), "entry"); }), "")
        << length;
  EXPECT_EQ(error_of([&] { group_from_bytes(bytes + "x", "entry"); }), "entry: entry is too long");
}

TEST(JournalTest, GoesOnWhereverItWasCut) {
  const TemporaryFolder folder;
  const auto path = folder / "journal";
  {
    Journal journal(path, "kind", false);
    for (int i = 0; i < 3; ++i) journal.append(group(2 * i));
  }
  const std::string whole = read_text(path);
  for (std::size_t length = 0; length <= whole.size(); length += 7) {
    write_text_atomically(path, whole.substr(0, length));
    std::size_t kept = 0;
    {
      Journal journal(path, "kind", true);
      kept = replayed(journal).size();
      EXPECT_LE(kept, 3u);
      for (std::size_t i = kept; i < 3; ++i) journal.append(group(2 * static_cast<int>(i)));
    }
    EXPECT_TRUE(read_text(path) == whole) << length;
  }
}

TEST(JournalTest, OfAnotherRun) {
  const TemporaryFolder folder;
  Journal(folder / "journal", "one kind", false).append(group(0));
  EXPECT_EQ(error_of([&] { Journal(folder / "journal", "another", true); }),
            (folder / "journal").string() +
                ": the run that is to be continued was another one; expected another, got one kind");
  EXPECT_TRUE(replayed(Journal(folder / "journal", "another", false)).empty()) << "begun anew";
}

TEST(JournalTest, LiesBesideItsTable) {
  EXPECT_EQ(journal_of("tables/a.csv"), "tables/.a.csv.journal");
}

TEST(JournalTest, IsRemovedAtTheEnd) {
  const TemporaryFolder folder;
  Journal journal(folder / "journal", "kind", false);
  journal.remove();
  EXPECT_FALSE(std::filesystem::exists(folder / "journal"));
}

}  // namespace
}  // namespace regard
