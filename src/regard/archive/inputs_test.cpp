#include "regard/archive/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using ::testing::HasSubstr;

std::string table_of(InputList& list) {
  return std::string(text_of(list.table()));
}

TEST(InputListTest, IsATable) {
  const TemporaryFolder folder;
  InputList list(folder.path());
  list.add({"a, b\n.jpg"});
  list.add({"t.tar/c.jpg", "t.tar", 512, 7});
  EXPECT_EQ(list.images(), 2u);
  const std::string table = table_of(list);
  EXPECT_EQ(table, "file,archive,offset,bytes\n\"a, b\n.jpg\",,,\nt.tar/c.jpg,t.tar,512,7\n");
  InputReader reader(table, "inputs.csv");
  EXPECT_EQ(reader.next()->file, "a, b\n.jpg");
  const auto second = reader.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->archive, "t.tar");
  EXPECT_EQ(second->offset, 512u);
  EXPECT_EQ(second->bytes, 7u);
  EXPECT_FALSE(reader.next());
}

TEST(InputListTest, MoreThanIsKeptInMemory) {
  const TemporaryFolder folder;
  InputList list(folder.path());
  for (int i = 0; i < 20'000; ++i) list.add({"image " + std::to_string(i) + ".jpg"});
  const std::string table = table_of(list);
  InputReader reader(table, "inputs.csv");
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(reader.next()->file, "image " + std::to_string(i) + ".jpg");
  EXPECT_FALSE(reader.next());
}

TEST(InputReaderTest, Errors) {
  EXPECT_EQ(error_of([] { InputReader("name\n", "in.csv"); }),
            "in.csv: is no list of images; expected a header");
  const std::string header = "file,archive,offset,bytes\n";
  EXPECT_EQ(error_of([&] { InputReader(header + "a,b\n", "in.csv").next(); }),
            "in.csv:2: row has the wrong number of fields; expected 4, got 2");
  EXPECT_EQ(error_of([&] { InputReader(header + "b.tar/a,b.tar,x,1\n", "in.csv").next(); }),
            "in.csv:2: is no number of bytes; got x");
}

TEST(InputListTest, NamesOfTarFiles) {
  EXPECT_TRUE(is_tar_name("shards/00000.TAR"));
  EXPECT_FALSE(is_tar_name("a.tar.gz"));
  EXPECT_FALSE(is_tar_name("tar"));
}

}  // namespace
}  // namespace regard
