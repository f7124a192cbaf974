#include "regard/archive/join.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/archive/manifest.h"
#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using ::testing::HasSubstr;

void write_manifest(const std::filesystem::path& folder, int images) {
  const Json json{{"format", "json"}, {"chunk", 2}, {"images", images}};
  write_text_atomically(folder / "manifest.json", json.dump());
}

TEST(JoinTest, PartsOfSeveralFolders) {
  const TemporaryFolder folder;
  const std::vector<std::filesystem::path> folders{folder / "a", folder / "b"};
  for (const auto& one : folders) write_manifest(one, 5);
  write_text_atomically(part_file(folders[0], 0, "jsonl"), "0\n1\n");
  write_text_atomically(part_file(folders[0], 2, "jsonl"), "4\n");
  EXPECT_THAT(error_of([&] { join_parts(folders, folder / "all"); }),
              HasSubstr("/b: 1 of 3 parts are missing: part-00001.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(folder / "all"));
  write_text_atomically(part_file(folders[1], 1, "jsonl"), "2\n3\n");
  join_parts(folders, folder / "all");
  EXPECT_EQ(read_text(folder / "all"), "0\n1\n2\n3\n4\n");
}

TEST(JoinTest, OfAnotherRun) {
  const TemporaryFolder folder;
  const std::vector<std::filesystem::path> folders{folder / "a", folder / "b"};
  write_manifest(folders[0], 5), write_manifest(folders[1], 6);
  EXPECT_THAT(error_of([&] { join_parts(folders, folder / "all"); }),
              HasSubstr("/b: this folder is of another run; expected images 6, got images 5"));
}

}  // namespace
}  // namespace regard
