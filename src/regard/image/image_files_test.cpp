#include "regard/image/image_files.h"

#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "regard/image/decode.h"

namespace regard {
namespace {

TEST(ImageFiles, EndingsInAnyCase) {
  for (const char* name : {"a.jpg", "A.JPG", "a.Jpeg", "a.jpe", "a.jfif", "a.PNG", "a.webp", "a.bmp", "a.tif",
                           "b/c.d/a.tiff", "a.b.png"})
    EXPECT_TRUE(is_image_name(name)) << name;
  for (const char* name : {"a", "jpg", ".jpg", "a.mov", "a.jpg.txt", "a.png/b", "a.jpg_large", ""})
    EXPECT_FALSE(is_image_name(name)) << name;
}

TEST(ImageFiles, WhatIsAnEnding) {
  EXPECT_EQ(ending_of("a.MOV"), ".mov");
  EXPECT_EQ(ending_of("a.mp4"), ".mp4");
  for (const char* name :
       {"a", "photo.2019", "a.jpg_large", "v1.2 (copy)", "a.", ".hidden", "a.verylongending"})
    EXPECT_EQ(ending_of(name), "") << name;
}

TEST(ImageFiles, FirstBytes) {
  const std::string folder = REGARD_SOURCE_DIR "/tests/images/";
  for (const char* name : {"cmyk.jpg", "bilevel.png", "animated.webp", "alpha.tif"})
    EXPECT_TRUE(starts_as_image(map_file(folder + name).bytes.first(16))) << name;
  EXPECT_FALSE(starts_as_image(map_file(folder + "README.md").bytes));
  EXPECT_FALSE(starts_as_image({}));
}

TEST(ImageFiles, WhatSystemsLeaveBehind) {
  for (const char* name : {".DS_Store", "._IMG.jpg", ".thumbnails", "__MACOSX", "Thumbs.db", "@eaDir"})
    EXPECT_TRUE(is_companion_name(name)) << name;
  for (const char* name : {"IMG.jpg", "_IMG.jpg", "thumbs", "MACOSX"})
    EXPECT_FALSE(is_companion_name(name)) << name;
}

TEST(ImageFiles, PassedOverByKindTheMostFrequentFirst) {
  PassedOver passed;
  EXPECT_TRUE(passed.empty());
  for (const char* name : {"a.txt", "a.MOV", "b.mov", "README", "c.Txt", "d.txt"}) passed.add(name);
  EXPECT_EQ(passed.text(), "3 .txt, 2 .mov, 1 without ending");
}

}  // namespace
}  // namespace regard
