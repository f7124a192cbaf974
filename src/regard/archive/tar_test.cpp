#include "regard/archive/tar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "regard/core/file.h"
#include "regard/core/text.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct TarHeader {
  std::string name, link = {},
                    magic = std::string(
                        "ustar\0"
                        "00",
                        8),
                    prefix = {}, size = {};
  char type = '0';
};

/// A header and contents, padded to whole blocks.
std::string tar_entry(const TarHeader& header, const std::string& contents = {}) {
  std::string block(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { block.replace(at, text.size(), text); };
  put(0, header.name);
  put(100, "0000644");
  put(124, header.size.empty() ? formatted("%011zo", contents.size()) : header.size);
  block[156] = header.type;
  put(157, header.link);
  put(257, header.magic);
  put(345, header.prefix);
  put(148, "        ");
  unsigned sum = 0;
  for (const unsigned char byte : block) sum += byte;
  put(148, formatted("%06o", sum) + std::string("\0 ", 2));
  return block + contents + std::string((512 - contents.size() % 512) % 512, '\0');
}

const std::string kEndOfTar(1024, '\0');

struct WrittenTar {
  explicit WrittenTar(const std::string& bytes) { write_text_atomically(folder / "a.tar", bytes); }

  /// "name=contents" of every file.
  std::vector<std::string> entries() const {
    const TarFile file(folder / "a.tar");
    TarReader reader(file);
    std::vector<std::string> all;
    while (const auto entry = reader.next()) all.push_back(entry->name + "=" + file.read(*entry));
    return all;
  }
  std::string error() const {
    return error_of([&] { entries(); });
  }

  TemporaryFolder folder;
};

TEST(TarTest, FilesInTheirOrderWithoutFoldersAndLinks) {
  const WrittenTar tar(tar_entry({.name = "b/", .type = '5'}) + tar_entry({.name = "./b/2.jpg"}, "two") +
                       tar_entry({.name = "link", .link = "b/2.jpg", .type = '2'}) +
                       tar_entry({.name = "1.jpg"}, std::string(600, 'x')) + tar_entry({.name = "empty"}) +
                       kEndOfTar + "anything");
  EXPECT_THAT(tar.entries(), ElementsAre("b/2.jpg=two", "1.jpg=" + std::string(600, 'x'), "empty="));
}

TEST(TarTest, LongNames) {
  const std::string name(180, 'n');
  const WrittenTar gnu(tar_entry({.name = "././@LongLink", .magic = std::string("ustar  ", 8), .type = 'L'},
                                 name + std::string(1, '\0')) +
                       tar_entry({.name = name.substr(0, 100)}, "gnu") + tar_entry({.name = "next"}, "n") +
                       kEndOfTar);
  EXPECT_THAT(gnu.entries(), ElementsAre(name + "=gnu", "next=n"));
  const std::string record = "189 path=" + name.substr(0, 179) + "\n";
  const WrittenTar pax(tar_entry({.name = "g", .type = 'g'}, "18 comment=global\n") +
                       tar_entry({.name = "x", .type = 'x'}, record + "10 size=3\n") +
                       tar_entry({.name = "short", .size = "00000000000"}) + "pax" + std::string(509, '\0') +
                       kEndOfTar);
  EXPECT_THAT(pax.entries(), ElementsAre(name.substr(0, 179) + "=pax"));
  const WrittenTar ustar(tar_entry({.name = "a.jpg", .prefix = "long/folder"}, "u") + kEndOfTar);
  EXPECT_THAT(ustar.entries(), ElementsAre("long/folder/a.jpg=u"));
}

TEST(TarTest, SizesInBase256) {
  std::string size(12, '\0');
  size[0] = '\x80', size[11] = 3;
  const WrittenTar tar(tar_entry({.name = "a", .size = size}) + "abc" + std::string(509, '\0') + kEndOfTar);
  EXPECT_THAT(tar.entries(), ElementsAre("a=abc"));
}

TEST(TarTest, HardLinksAreTheFilesThatTheyStandFor) {
  const WrittenTar tar(
      tar_entry({.name = "a"}, "first") + tar_entry({.name = "b", .link = "./a", .type = '1'}) +
      tar_entry({.name = "c"}, "third") + tar_entry({.name = "d", .link = "b", .type = '1'}) + kEndOfTar);
  EXPECT_THAT(tar.entries(), ElementsAre("a=first", "b=first", "c=third", "d=first"));
  const WrittenTar lost(tar_entry({.name = "b", .link = "a", .type = '1'}) + kEndOfTar);
  EXPECT_THAT(lost.error(), HasSubstr("a.tar/b: hard link leads nowhere; expected a file before it, got a"));
}

TEST(TarTest, WithoutAnEnd) {
  EXPECT_THAT(WrittenTar(tar_entry({.name = "a"}, "x")).entries(), ElementsAre("a=x"));
  EXPECT_THAT(WrittenTar(kEndOfTar).entries(), ElementsAre());
}

TEST(TarTest, WhatIsNoTarOrDamaged) {
  EXPECT_THAT(WrittenTar("").error(),
              HasSubstr("a.tar: is no tar file; expected one without compression, got an empty file"));
  EXPECT_THAT(WrittenTar("\x1f\x8b" + std::string(600, 'x')).error(), HasSubstr("got a gzip archive"));
  const std::string whole = tar_entry({.name = "a"}, std::string(2000, 'x'));
  EXPECT_THAT(WrittenTar(whole.substr(0, 1000)).error(),
              HasSubstr("a.tar/a: tar file is cut off; expected 2000 bytes, got 488"));
  EXPECT_THAT(WrittenTar(whole + whole.substr(0, 100)).error(),
              HasSubstr("tar file is cut off; expected a header at byte 2560"));
  EXPECT_THAT(WrittenTar(whole + std::string(512, 'x')).error(),
              HasSubstr("tar file is damaged; expected a header at byte 2560"));
  EXPECT_THAT(WrittenTar(tar_entry({.name = "x", .type = 'x'}, "99 path=a\n")).error(),
              HasSubstr("tar file is damaged; expected records of pax, got 99 path=a"));
  EXPECT_THAT(WrittenTar(tar_entry({.name = "a", .type = 'S'})).error(), HasSubstr("sparse files"));
}

TEST(TarTest, WhatHasBecomeShorterSince) {
  const WrittenTar tar(tar_entry({.name = "a"}, "12345"));
  const TarFile file(tar.folder / "a.tar");
  EXPECT_THAT(error_of([&] {
                file.read(TarEntry{"a", 1020, 10});
              }),
              HasSubstr("a.tar/a: tar file is cut off; expected 10 bytes, got 4"));
}

}  // namespace
}  // namespace regard
