#include "regard/core/growing_file.h"

#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::TemporaryFolder;

TEST(GrowingFileTest, IsThereBeforeItIsComplete) {
  const TemporaryFolder folder;
  GrowingFile file(folder / "new/rows.csv");
  file.write("a\n");
  file.sync();
  EXPECT_EQ(read_text(folder / "new/rows.csv"), "a\n");
  file.write("b\n");
  EXPECT_EQ(read_text(folder / "new/rows.csv"), "a\nb\n");
}

TEST(GrowingFileTest, KeepsWhatItIsTold) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "rows.csv", "a\nb\nhalf");
  GrowingFile(folder / "rows.csv", 4).write("c\n");
  EXPECT_EQ(read_text(folder / "rows.csv"), "a\nb\nc\n");
  GrowingFile(folder / "rows.csv", 99).write("d\n");
  EXPECT_EQ(read_text(folder / "rows.csv"), "a\nb\nc\nd\n") << "no more than there is";
  GrowingFile(folder / "rows.csv").write("e\n");
  EXPECT_EQ(read_text(folder / "rows.csv"), "e\n");
}

TEST(GrowingFileTest, SaysWhatIsWrong) {
  EXPECT_EQ(test::error_of([] { GrowingFile("/proc/rows.csv"); }),
            "/proc/rows.csv: cannot be written; got No such file or directory");
  GrowingFile full("/dev/full");
  EXPECT_EQ(test::error_of([&] { full.write("a"); }),
            "/dev/full: cannot be written; got No space left on device");
}

}  // namespace
}  // namespace regard
