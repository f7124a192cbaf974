#include "regard/core/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;

std::string sha256_of(std::string_view text) {
  return sha256(std::as_bytes(std::span(text)));
}

// The examples of FIPS 180-4's validation (NIST CSRC, SHA256.pdf and SHA2_Additional.pdf).
TEST(Sha256, OfTheStandardsExamples) {
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_of(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Lengths around the end of a block, against Python's hashlib.
TEST(Sha256, OfLengthsAroundABlock) {
  EXPECT_EQ(sha256_of(std::string(55, '\0')),
            "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7");
  EXPECT_EQ(sha256_of(std::string(56, '\0')),
            "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb");
  EXPECT_EQ(sha256_of(std::string(64, '\0')),
            "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
}

TEST(File, WhatIsWrittenIsRead) {
  const TemporaryFolder folder;
  const auto path = folder / "new/folders/a.txt";
  write_text_atomically(path, "first");
  write_text_atomically(path, "second, longer");
  EXPECT_EQ(read_text(path), "second, longer");
  const auto mapped = map_file(path);
  EXPECT_EQ(mapped.bytes.size(), 14u);
  EXPECT_EQ(static_cast<char>(mapped.bytes[0]), 's');
}

TEST(File, PartsStandOneAfterTheOther) {
  const TemporaryFolder folder;
  const std::string_view a = "ab", b = "", c = "cde";
  const std::vector<std::span<const std::byte>> parts{
      std::as_bytes(std::span(a)), std::as_bytes(std::span(b)), std::as_bytes(std::span(c))};
  write_file_atomically(folder / "x", parts);
  EXPECT_EQ(read_text(folder / "x"), "abcde");
}

TEST(File, AMappingOutlivesItsFile) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "x", "old");
  const auto mapped = map_file(folder / "x");
  write_text_atomically(folder / "x", "new");
  std::filesystem::remove(folder / "x");
  EXPECT_EQ(static_cast<char>(mapped.bytes[0]), 'o');
}

TEST(File, AnEmptyFileHasNoBytes) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "x", "");
  EXPECT_TRUE(map_file(folder / "x").bytes.empty());
  EXPECT_EQ(read_text(folder / "x"), "");
}

TEST(File, WhatIsNoFileIsAnError) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { map_file(folder / "missing"); }),
              AllOf(HasSubstr("missing"), HasSubstr("No such file")));
  EXPECT_THAT(error_of([&] { map_file(folder.path()); }), HasSubstr("a folder"));
  EXPECT_THAT(error_of([&] { read_text(folder / "missing"); }), HasSubstr("No such file"));
  EXPECT_THAT(error_of([&] { read_text(folder.path()); }), HasSubstr("directory"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { map_file(folder / "pipe"); }), HasSubstr("not a regular file"));
}

TEST(File, LinksAreWrittenThrough) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "kept");
  write_text_atomically(folder / "kept/file", "old");
  std::filesystem::create_symlink("kept/file", folder / "link");
  std::filesystem::create_symlink("link", folder / "link to a link");
  write_text_atomically(folder / "link to a link", "new");
  EXPECT_EQ(read_text(folder / "kept/file"), "new");
  std::filesystem::create_symlink("kept/later", folder / "dangling");
  write_text_atomically(folder / "dangling", "made");
  EXPECT_EQ(read_text(folder / "kept/later"), "made");
  for (const char* name : {"link", "link to a link", "dangling"})
    EXPECT_TRUE(std::filesystem::is_symlink(folder / name)) << name;
  std::filesystem::create_symlink("round", folder / "round");
  EXPECT_NE(error_of([&] { write_text_atomically(folder / "round", "x"); }), "");
}

TEST(File, PipesAreReadAndWritten) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", folder / "link");
  const std::string text(300'000, 'x');  // more than a pipe holds
  std::string read;
  std::thread reader([&] { read = read_text(folder / "pipe"); });
  write_text_atomically(folder / "link", text);
  const bool still_a_pipe = std::filesystem::is_fifo(folder / "pipe");
  if (!still_a_pipe) std::ofstream(folder / "link") << "";
  reader.join();
  EXPECT_EQ(read, text);
  EXPECT_TRUE(still_a_pipe);
}

TEST(File, AnOpenFileIsWrittenToByItsLink) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "x", "before, ");
  const int file = ::open((folder / "x").c_str(), O_WRONLY);
  ASSERT_GE(file, 0);
  write_text_atomically("/dev/fd/" + std::to_string(file), "after");
  ::close(file);
  EXPECT_EQ(read_text(folder / "x"), "before, after");
}

TEST(File, AFileTooLargeIsNotRead) {
  const TemporaryFolder folder;
  std::ofstream(folder / "x").close();
  std::filesystem::resize_file(folder / "x", kMostRead + 1);  // takes no room on the disk
  EXPECT_THAT(error_of([&] { read_text(folder / "x"); }), HasSubstr("too large"));
}

TEST(File, AFailedWriteLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "taken/full");
  EXPECT_NE(error_of([&] { write_text_atomically(folder / "taken", "x"); }), "");
  write_text_atomically(folder / "file", "old");
  EXPECT_NE(error_of([&] { write_text_atomically(folder / "file/below", "x"); }), "");
  EXPECT_EQ(read_text(folder / "file"), "old");
  const auto entries = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 2);
}

// A reader always sees a complete file while others write.
TEST(File, ReadersNeverSeeHalfAFile) {
  const TemporaryFolder folder;
  const auto path = folder / "x";
  const std::string a(300'000, 'a'), b(200'000, 'b');
  write_text_atomically(path, a);
  std::atomic<bool> done = false;
  const auto write = [&](const std::string& text) {
    for (int i = 0; i < 20; ++i) write_text_atomically(path, text);
  };
  int torn = 0, reads = 0;
  std::thread reader([&] {
    do {
      const auto text = read_text(path);
      torn += text != a && text != b;
      ++reads;
    } while (!done);
  });
  std::thread first(write, std::cref(a)), second(write, std::cref(b));
  first.join(), second.join();
  done = true;
  reader.join();
  EXPECT_EQ(torn, 0);
  EXPECT_GT(reads, 0);
  const auto entries = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1) << "temporary files are left";
}

}  // namespace
}  // namespace regard
