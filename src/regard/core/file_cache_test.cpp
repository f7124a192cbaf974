#include "regard/core/file_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/support.h"

namespace regard {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using test::Variable;

std::string found(const FileCache& cache, std::string_view key) {
  const auto file = cache.find(key);
  return file ? std::string(text_of(*file)) : "nothing";
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

TEST(FileCacheTest, FindsWhatWasKeptUnderTheSameKey) {
  const TemporaryFolder folder;
  const FileCache cache(folder / "new/cache");
  EXPECT_EQ(found(cache, "key"), "nothing");
  cache.keep("key", "one");
  cache.keep(std::string(100'000, 'k'), "");
  EXPECT_EQ(found(cache, "key"), "one");
  EXPECT_EQ(found(cache, std::string(100'000, 'k')), "");
  EXPECT_EQ(found(cache, "kez"), "nothing");
  cache.keep("key", "two");
  EXPECT_EQ(found(FileCache(folder / "new/cache"), "key"), "two");
}

TEST(FileCacheTest, DamagedFilesAreNotFound) {
  const TemporaryFolder folder;
  const FileCache cache(folder.path());
  cache.keep("key", "what was computed");
  const auto path = files_of(folder.path()).at(0);
  const std::string whole = read_text(path);
  for (const std::size_t length : {std::size_t{0}, std::size_t{7}, whole.size() - 1}) {
    write_text_atomically(path, std::string_view(whole).substr(0, length));
    EXPECT_EQ(found(cache, "key"), "nothing") << length << " bytes";
  }
  std::string changed = whole;
  changed[3] ^= 1;
  write_text_atomically(path, changed);
  EXPECT_EQ(found(cache, "key"), "nothing");
  write_text_atomically(path, whole);
  EXPECT_EQ(found(cache, "key"), "what was computed");
}

TEST(FileCacheTest, WhereNothingCanBeKeptNothingIsFound) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "file", "a file");
  for (const fs::path& place : {fs::path(), folder / "file", folder / "file/below", fs::path("/proc/none")}) {
    const FileCache cache(place);
    cache.keep("key", "one");
    EXPECT_EQ(found(cache, "key"), "nothing") << place;
  }
  EXPECT_EQ(read_text(folder / "file"), "a file");
  EXPECT_FALSE(FileCache(fs::path()).keeps());
}

TEST(FileCacheTest, RemovesWhatWasNotUsedForLongest) {
  const TemporaryFolder folder;
  const FileCache cache(folder.path(), 350);
  write_text_atomically(folder / "of another", std::string(1000, 'x'));
  for (const std::string key : {"a", "b", "c"}) {
    cache.keep(key, std::string(90, 'x'));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // file systems count time in ticks
  }
  EXPECT_NE(found(cache, "a"), "nothing");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  cache.keep("d", std::string(90, 'x'));
  EXPECT_NE(found(cache, "a"), "nothing") << "was used after b";
  EXPECT_EQ(found(cache, "b"), "nothing");
  EXPECT_NE(found(cache, "c"), "nothing");
  EXPECT_NE(found(cache, "d"), "nothing");
  cache.keep("larger than all", std::string(340, 'x'));
  EXPECT_EQ(found(cache, "larger than all"), "nothing");
  EXPECT_NE(found(cache, "c"), "nothing");
  EXPECT_TRUE(fs::exists(folder / "of another"));
}

TEST(FileCacheTest, ManyWritersAndReadersOfOneKey) {
  const TemporaryFolder folder;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      const FileCache cache(folder.path());
      for (int round = 0; round < 20; ++round) {
        cache.keep("key", "the same");
        EXPECT_EQ(found(cache, "key"), "the same");
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(files_of(folder.path()).size(), 1u);
}

TEST(FileCacheTest, FolderIsThatOfTheEnvironment) {
  const Variable home("HOME", "/home/somebody");
  const Variable unset("XDG_CACHE_HOME", nullptr), own("REGARD_CACHE", nullptr);
  EXPECT_EQ(cache_folder(), "/home/somebody/.cache/regard");
  {
    const Variable relative("XDG_CACHE_HOME", "caches");
    EXPECT_EQ(cache_folder(), "/home/somebody/.cache/regard") << "as the XDG specification wants it";
  }
  const Variable caches("XDG_CACHE_HOME", "/caches");
  EXPECT_EQ(cache_folder(), "/caches/regard");
  {
    const Variable chosen("REGARD_CACHE", "here");
    EXPECT_EQ(cache_folder(), "here");
  }
  const Variable off("REGARD_CACHE", "off");
  EXPECT_EQ(cache_folder(), "");
}

TEST(FileCacheTest, HashesDiffer) {
  const auto hash = [](std::string_view text) { return quick_hash(std::as_bytes(std::span(text))); };
  EXPECT_EQ(hash("a model"), hash("a model"));
  EXPECT_NE(hash("a model"), hash("a Model"));
  EXPECT_NE(hash(std::string_view("\0", 1)), hash(""));
}

}  // namespace
}  // namespace regard
