#include "regard/server/request_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/image/encode.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string small_png() {
  const auto bytes = encode_png(Image(3, 2));
  return {bytes.begin(), bytes.end()};
}

TEST(RequestImagesTest, ABodyIsAnImage) {
  const HttpRequest request{
      .query = "file=a%20b.png", .fields = {{"Content-Type", "image/png"}}, .body = small_png()};
  const auto images = images_of(request, {});
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0].name, "a b.png");
  const Image image = decode_here(images[0], {});
  EXPECT_EQ(image.width, 3);
  EXPECT_EQ(image.height, 2);
}

TEST(RequestImagesTest, AFormHasSeveral) {
  const auto part = [](const std::string& more) {
    return "--x\r\nContent-Disposition: form-data; name=images" + more + "\r\n\r\n" + small_png() + "\r\n";
  };
  const HttpRequest request{.fields = {{"Content-Type", "multipart/form-data; boundary=x"}},
                            .body = part("; filename=\"a.png\"") + part("") + "--x--"};
  const auto images = images_of(request, {});
  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(images[0].name, "a.png");
  EXPECT_EQ(images[1].name, "images");
  EXPECT_EQ(images[1].bytes, small_png());
  EXPECT_THAT(test::error_of([&] { images_of(request, {.max_images = 1}); }), HasSubstr("too many parts"));
  EXPECT_THAT(test::error_of([&] { images_of({.fields = request.fields, .body = "--x--"}, {}); }),
              HasSubstr("no image"));
}

TEST(RequestImagesTest, OnlyTheFormatsOfTheServerAreRead) {
  const std::string png = small_png();
  EXPECT_THAT(test::error_of([&] {
                decode_here({"a", png}, {.formats = {"JPEG", "WebP"}});
              }),
              AllOf(HasSubstr("a: image is of a format"), HasSubstr("JPEG, WebP"), HasSubstr("got PNG")));
  EXPECT_THAT(test::error_of([&] { decode_here({"a", "text"}, {}); }), HasSubstr("is not an image"));
  EXPECT_THAT(test::error_of([&] {
                decode_here({"a", std::string_view(png).substr(0, png.size() / 2)}, {});
              }),
              HasSubstr("a: "));
  EXPECT_THAT(test::error_of([] {
                check_format_names({"JPEG", "PDF"});
              }),
              AllOf(HasSubstr("PDF"), HasSubstr("WebP")));
}

}  // namespace
}  // namespace regard
