#include "regard/clip/people_table.h"

#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;

constexpr const char* kPeopleRows =
    "frame,face_id,timestamp,x\n1,1,0.0,1.50\n1,2,0.0,7.00\n2,,0.1,\n3,3,0.2,1.00\n3,0,0.2,9.00\n4,2,0.3,7."
    "00\n";

/// `text` after the changes.
std::string changed(const std::string& text, const PeopleChanges& changes) {
  const TemporaryFolder folder;
  const auto path = folder / "table.csv";
  write_text_atomically(path, text);
  change_people(path, changes, path);
  return read_text(path);
}

/// The message for changes of the rows above, without the folder.
std::string problem(const std::string& text, const PeopleChanges& changes) {
  const std::string message = error_of([&] { changed(text, changes); });
  return message.substr(message.find("table.csv"));
}

TEST(PeopleTableTest, Merges) {
  EXPECT_EQ(changed(kPeopleRows, {.merges = {{1, 3}}}),
            "frame,face_id,timestamp,x\n1,1,0.0,1.50\n1,2,0.0,7.00\n2,,0.1,\n3,1,0.2,1.00\n3,0,0.2,9.00\n"
            "4,2,0.3,7.00\n");
  EXPECT_EQ(changed("frame,face_id\n1,1\n2,2\n3,3\n4,4\n", {.merges = {{4, 2}, {2, 1}}}),
            "frame,face_id\n1,4\n2,4\n3,3\n4,4\n");
}

TEST(PeopleTableTest, Names) {
  const auto named = changed(kPeopleRows, {.merges = {{1, 3}}, .names = {{3, "mother, \"M\""}}});
  EXPECT_EQ(named,
            "frame,face_id,name,timestamp,x\n1,1,\"mother, \"\"M\"\"\",0.0,1.50\n1,2,,0.0,7.00\n2,,,0.1,\n"
            "3,1,\"mother, \"\"M\"\"\",0.2,1.00\n3,0,,0.2,9.00\n4,2,,0.3,7.00\n");
  const auto renamed = changed("frame,face_id,name\n1,1,a\n1,2,b\n", {.names = {{2, "c"}}});
  EXPECT_EQ(renamed, "frame,face_id,name\n1,1,a\n1,2,c\n");
}

TEST(PeopleTableTest, JsonLines) {
  const std::string lines =
      "{\"frame\":1,\"faces\":[{\"face_id\":1,\"score\":0.5},{\"face_id\":2}],\"method\":\"m\"}\n"
      "{\"frame\":2,\"faces\":[{\"face_id\":3}]}\n";
  EXPECT_EQ(changed(lines, {.merges = {{1, 3}}}),
            "{\"frame\":1,\"faces\":[{\"face_id\":1,\"score\":0.5},{\"face_id\":2}],\"method\":\"m\"}\n"
            "{\"frame\":2,\"faces\":[{\"face_id\":1}]}\n");
  const auto named = changed(lines, {.names = {{2, "mother"}}});
  EXPECT_EQ(named.substr(0, named.find('\n')),
            "{\"frame\":1,\"faces\":[{\"face_id\":1,\"name\":\"\",\"score\":0.5},"
            "{\"face_id\":2,\"name\":\"mother\"}],\"method\":\"m\"}");
  EXPECT_EQ(problem("{\"faces\":[]}\n", {}),
            "table.csv:1: is no frame of a table of `regard video`; expected an object with frame and faces");
  EXPECT_EQ(
      problem("{\"frame\":1,\"faces\":[{}]}\n", {}),
      "table.csv:1: is no face of a table of `regard video`; expected an object with face_id, a number");
}

TEST(PeopleTableTest, WhoIsNotThere) {
  EXPECT_EQ(problem(kPeopleRows, {.merges = {{1, 9}}}),
            "table.csv: there is no such person; expected 1, 2, 3, got 9");
  EXPECT_EQ(problem(kPeopleRows, {.names = {{7, "a"}}}),
            "table.csv: there is no such person; expected 1, 2, 3, got 7");
}

TEST(PeopleTableTest, TwoWhoAreSeenTogether) {
  EXPECT_EQ(problem(kPeopleRows, {.merges = {{2, 1}}}),
            "table.csv: people who are seen together cannot be one; got 1 and 2 in frame 1");
}

TEST(PeopleTableTest, OtherFiles) {
  EXPECT_NE(problem("a,b\n1,2\n", {}), "");
  EXPECT_EQ(problem("frame,face_id\n1,x\n", {}),
            "table.csv:2: is no number of a person; expected 0 or more, got 'x'");
}

TEST(PeopleTableTest, TheTableStaysWhereSomethingIsWrong) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "table.csv", kPeopleRows);
  EXPECT_NE(error_of([&] {
              change_people(folder / "table.csv", {.merges = {{1, 9}}}, folder / "table.csv");
            }),
            "");
  EXPECT_EQ(read_text(folder / "table.csv"), kPeopleRows);
  change_people(folder / "table.csv", {.merges = {{1, 3}}}, folder / "other.csv");
  EXPECT_EQ(read_text(folder / "table.csv"), kPeopleRows);
}

TEST(PeopleTableTest, OptionsAreParsed) {
  EXPECT_EQ(parse_merge("3,7", "--merge"), (std::vector{3, 7}));
  EXPECT_EQ(parse_name("3=mother = M", "--name"), (std::pair{3, std::string("mother = M")}));
  EXPECT_EQ(error_of([] { parse_merge("3", "--merge"); }),
            "--merge: is nobody to be merged; expected two numbers of people or more, such as 3,7, got '3'");
  EXPECT_EQ(
      error_of([] { parse_merge("3,0", "--merge"); }),
      "--merge: is no number of a person; expected two numbers of people or more, such as 3,7, got '3,0'");
  EXPECT_EQ(error_of([] { parse_name("mother", "--name"); }),
            "--name: is no name; expected a number and a name, such as 3=mother, got 'mother'");
  EXPECT_NE(error_of([] { parse_name("x=mother", "--name"); }), "");
}

}  // namespace
}  // namespace regard
