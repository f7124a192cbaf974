#include "regard/archive/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using ::testing::HasSubstr;

struct Images {
  explicit Images(const std::filesystem::path& folder, const std::vector<std::string>& names) : list(folder) {
    for (const auto& name : names) list.add({name});
    manifest.json["images"] = list.images();
    manifest.json["inputs"] = sha256(list.table().bytes);
  }

  InputList list;
  ArchiveManifest manifest{
      {{"model", {{"name", "small"}, {"sha256", "12"}}}, {"format", "csv"}, {"chunk", 2}}};
};

TEST(ShardTest, IsReadAndDividesChunks) {
  const ArchiveShard shard = parse_shard("2/3", "--shard");
  EXPECT_EQ(shard.index, 2u);
  EXPECT_EQ(shard.count, 3u);
  EXPECT_FALSE(shard.has(0));
  EXPECT_TRUE(shard.has(1));
  EXPECT_TRUE(shard.has(4));
  EXPECT_TRUE(ArchiveShard{}.has(7));
  for (const char* wrong : {"", "1", "0/3", "4/3", "1/", "/3", "1/3x", "-1/3", "a/b"})
    EXPECT_EQ(
        error_of([&] { parse_shard(wrong, "--shard"); }),
        "--shard: is no shard; expected i/n, from 1/n to n/n" + (*wrong ? ", got " + std::string(wrong) : ""))
        << wrong;
}

TEST(ManifestTest, CountsChunks) {
  const ArchiveManifest manifest{{{"format", "csv"}, {"chunk", 4}, {"images", 10}}};
  EXPECT_EQ(manifest.chunks(), 3u);
  EXPECT_EQ(manifest.images_of(0), 4u);
  EXPECT_EQ(manifest.images_of(2), 2u);
  EXPECT_EQ(part_file("out", 12, "csv"), "out/part-00012.csv");
}

TEST(ManifestTest, AFolderIsOpenedAgainForTheSameRunOnly) {
  const TemporaryFolder folder;
  const auto open = [&](Images& images) { return open_run(folder.path(), images.manifest, images.list); };
  const auto error = [&](Images& images) { return error_of([&] { open(images); }); };
  const std::string of_another = folder.path().string() + ": this folder is of another run; expected ";
  Images images(folder.path(), {"a.jpg", "b.jpg"});
  EXPECT_FALSE(open(images));
  EXPECT_TRUE(open(images));
  EXPECT_EQ(read_archive_manifest(folder.path()).json, images.manifest.json);
  EXPECT_EQ(read_text(inputs_file(folder.path())), "file,archive,offset,bytes\na.jpg,,,\nb.jpg,,,\n");

  Images other(folder.path(), {"a.jpg", "c.jpg"});
  EXPECT_EQ(error(other), of_another + "image 2 being b.jpg, got image 2 being c.jpg");
  Images more(folder.path(), {"a.jpg", "b.jpg", "c.jpg"});
  EXPECT_EQ(error(more), of_another + "no image 3, got image 3 being c.jpg");
  Images model(folder.path(), {"a.jpg", "b.jpg"});
  model.manifest.json["model"]["sha256"] = "34", model.manifest.json["chunk"] = 3;
  EXPECT_EQ(error(model), of_another + R"(model.sha256 "12", chunk 2, got model.sha256 "34", chunk 3)");
}

TEST(ManifestTest, WhatIsNone) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { read_archive_manifest(folder.path()); }), HasSubstr("is no folder of results"));
  write_text_atomically(folder / "manifest.json", R"({"format": "csv", "chunk": 0, "images": 1})");
  EXPECT_THAT(error_of([&] { read_archive_manifest(folder.path()); }),
              HasSubstr("manifest.json: is no manifest; expected format, chunk and images"));
}

TEST(ManifestTest, PartsWithoutIt) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "part-00000.csv", "");
  Images images(folder.path(), {"a.jpg"});
  EXPECT_THAT(
      error_of([&] { open_run(folder.path(), images.manifest, images.list); }),
      HasSubstr("there are parts of a run without its manifest.json; expected an empty folder, or that "
                "file, got part-00000.csv"));
}

}  // namespace
}  // namespace regard
