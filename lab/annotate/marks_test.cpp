#include "lab/annotate/marks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include "lab/datasets/lists.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const MarkedSet kSet{"ferplus",
                     "valid",
                     {"neutral", "happiness"},
                     {{"a.png", 0, .2}, {"b.png", 1, .9}, {"c.png", 0, .5}, {"d.png", 1, .5}}};

std::vector<std::string> names_of(const std::vector<MarkedImage>& images) {
  std::vector<std::string> names;
  for (const auto& image : images) names.push_back(image.name);
  return names;
}

class MarkStoreTest : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "marks.sqlite";
};

TEST_F(MarkStoreTest, TheMostSuspiciousComeFirst) {
  const auto store = MarkStore::create(path_, kSet);
  EXPECT_THAT(names_of(store.unmarked(9)), ElementsAre("b.png", "c.png", "d.png", "a.png"));
  EXPECT_THAT(names_of(store.unmarked(2)), ElementsAre("b.png", "c.png"));
  EXPECT_EQ(store.at(0).label, 1);
  EXPECT_EQ(store.at(3).suspicion, .2);
  EXPECT_THAT(test::error_of([&] { store.at(4); }), HasSubstr("expected 0 to 3, got 4"));
}

TEST_F(MarkStoreTest, MarksAreThereForTheNextWhoOpensIt) {
  {
    auto store = MarkStore::create(path_, kSet);
    store.mark(0, Mark::bottom);
    store.mark(2, Mark::none);
  }
  const auto store = MarkStore::open(path_);
  EXPECT_EQ(store.at(0).mark, Mark::bottom);
  EXPECT_THAT(names_of(store.unmarked(9)), ElementsAre("c.png", "a.png"));
  EXPECT_THAT(store.counts(), ElementsAre(0, 1, 0, 0, 1, 0));
  EXPECT_THAT(names_of(store.recent(1)), ElementsAre("d.png"));
  EXPECT_EQ(store.labels(), kSet.labels);
}

TEST_F(MarkStoreTest, EveryStrokeCanBeTakenBackAlsoOnesOfBefore) {
  auto first = MarkStore::create(path_, kSet);
  first.mark(1, Mark::upper);
  first.mark(1, Mark::left_right);
  first.mark(0, Mark::skip);
  auto store = MarkStore::open(path_);
  EXPECT_EQ(store.undo(), 0);
  EXPECT_FALSE(store.at(0).mark);
  EXPECT_EQ(store.undo(), 1);
  EXPECT_EQ(store.at(1).mark, Mark::upper);
  EXPECT_EQ(store.undo(), 1);
  EXPECT_EQ(store.undo(), std::nullopt);
  EXPECT_THAT(names_of(store.marked()), IsEmpty());
  EXPECT_THAT(names_of(store.recent(5)), IsEmpty());
}

TEST_F(MarkStoreTest, TheListIsReadBackWithItsTypes) {
  auto store = MarkStore::create(path_, kSet);
  store.mark(0, Mark::glasses_mask);
  store.mark(1, Mark::upper);
  store.mark(2, Mark::none);
  EXPECT_EQ(occlusion_list(store), "1_b.png 8 3\n0_c.png 8 0\n");
  std::ofstream(folder_ / "list.txt") << occlusion_list(store);
  const std::vector<std::string> names{"a.png", "b.png", "c.png", "d.png"};
  const auto match = match_list(read_list(folder_ / "list.txt"), names, "list");
  EXPECT_THAT(match.members, ElementsAre(1, 2));
  EXPECT_THAT(match.types, ElementsAre("glasses-mask", "upper"));
}

TEST_F(MarkStoreTest, OtherImagesAreAnError) {
  const auto store = MarkStore::create(path_, kSet);
  store.check_is_of("ferplus", "valid", {"d.png", "c.png", "b.png", "a.png"});
  const auto error = [&](const char* set, const char* split, std::vector<std::string> names) {
    return test::error_of([&] { store.check_is_of(set, split, names); });
  };
  EXPECT_THAT(error("rafdb", "valid", {"a.png", "b.png", "c.png", "d.png"}),
              HasSubstr("expected ferplus valid (4 images), got rafdb valid (4 images)"));
  EXPECT_NE(error("ferplus", "train", {"a.png", "b.png", "c.png", "d.png"}), "");
  EXPECT_NE(error("ferplus", "valid", {"a.png", "b.png", "c.png", "e.png"}), "");
}

TEST_F(MarkStoreTest, WhatIsNoStoreIsAnErrorAndStaysAsItIs) {
  EXPECT_THAT(test::error_of([&] { MarkStore::open(path_); }), HasSubstr("database is missing"));
  std::ofstream(path_) << "no database, but more than nothing";
  EXPECT_THAT(test::error_of([&] { MarkStore::open(path_); }), HasSubstr("marks.sqlite: cannot be read"));
  EXPECT_THAT(test::error_of([&] { MarkStore::create(path_, kSet); }), HasSubstr("is there already"));
  EXPECT_EQ(std::filesystem::file_size(path_), 34u);

  const auto other = folder_ / "other.sqlite";
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(other.c_str(), &database), SQLITE_OK);
  sqlite3_exec(database, "CREATE TABLE images (place INTEGER)", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  EXPECT_THAT(test::error_of([&] { MarkStore::open(other); }), HasSubstr("another program's database"));
}

TEST_F(MarkStoreTest, ASetThatCannotBeMarkedLeavesNothing) {
  MarkedSet twice = kSet;
  twice.candidates[1].name = "a.png";
  EXPECT_THAT(test::error_of([&] { MarkStore::create(path_, twice); }), HasSubstr("share a name"));
  EXPECT_FALSE(MarkStore::exists(path_));
  EXPECT_NE(test::error_of([&] { MarkStore::create(path_, {"ferplus", "valid", {}, {}}); }), "");
  EXPECT_EQ(MarkStore::create(path_, kSet).count(), 4);
}

TEST(MarkTest, NamesAreReadBack) {
  for (std::size_t i = 0; i < kMarks; ++i)
    EXPECT_EQ(mark_named(name_of(static_cast<Mark>(i))), static_cast<Mark>(i));
  EXPECT_FALSE(mark_named("lower"));
}

}  // namespace
}  // namespace regard
