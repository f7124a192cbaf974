#include "regard/image/encode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/image/image_test.h"

namespace regard {
namespace {

using test::decode;
using test::difference;
using test::reference;
using testing::HasSubstr;

TEST(EncodeTest, PngIsReadBackExactly) {
  EXPECT_EQ(difference(decode(encode_png(reference())), reference()), 0);
}

TEST(EncodeTest, JpegIsReadBackNearly) {
  EXPECT_LT(difference(decode(encode_jpeg(reference())), reference()), 6);
  EXPECT_GT(encode_jpeg(reference(), 95).size(), encode_jpeg(reference(), 50).size());
}

TEST(EncodeTest, GreyIsReadBackAsRgb) {
  Image grey(5, 3, 1);
  for (std::size_t i = 0; i < grey.pixels.size(); ++i) grey.pixels[i] = static_cast<std::uint8_t>(17 * i);
  const Image back = decode(encode_png(grey));
  ASSERT_EQ(back.channels, 3);
  EXPECT_EQ(test::pixel(back, 4, 2), std::vector<int>(3, 17 * 14));
  EXPECT_NEAR(test::pixel(decode(encode_jpeg(grey)), 4, 2)[1], 17 * 14, 6);
}

TEST(EncodeTest, RowsMayLieApart) {
  const Image image = reference();
  ImageView part = image;
  part.width -= 8;
  const Image back = decode(encode_png(part));
  EXPECT_EQ(back.width, image.width - 8);
  EXPECT_EQ(test::pixel(back, 3, 20), test::pixel(image, 3, 20));
  EXPECT_EQ(decode(encode_jpeg(part)).width, image.width - 8);
}

TEST(EncodeTest, RefusesWhatIsNoImage) {
  const Image image = reference();
  ImageView view = image;
  view.channels = 2;
  EXPECT_THAT(test::error_of([&] { encode_png(view); }), HasSubstr("channels"));
  EXPECT_THAT(test::error_of([&] { encode_jpeg(view); }), HasSubstr("channels"));
  EXPECT_THAT(test::error_of([] { encode_jpeg(Image(70'000, 1), 95, "wide.jpg"); }),
              HasSubstr("wide.jpg: image cannot be written as JPEG"));
}

}  // namespace
}  // namespace regard
