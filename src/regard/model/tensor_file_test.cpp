#include "regard/model/tensor_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A file's bytes from a header as it stands and `data_size` bytes of data.
std::string raw(const std::string& header, std::size_t data_size) {
  const std::uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof(length));
  bytes += header;
  for (std::size_t i = 0; i < data_size; ++i) bytes += static_cast<char>(i + 1);
  return bytes;
}

std::string parse_error(std::string_view bytes) {
  return error_of([&] { TensorFile::parse(std::as_bytes(std::span(bytes)), "a.safetensors"); });
}

std::string tensor(const std::string& type, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

template <class T>
TensorView view(DType type, const Shape& shape, const std::vector<T>& values) {
  return {type, shape, std::as_bytes(std::span(values))};
}

TEST(Shape, CountsElements) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({2, 3}), 6);
  EXPECT_EQ(element_count({std::int64_t{1} << 62, 4, 0}), 0);
  EXPECT_THAT(error_of([] { element_count({std::int64_t{1} << 62, 2}); }), HasSubstr("too many elements"));
  EXPECT_THAT(error_of([] { element_count({-1, 0}); }), HasSubstr("negative size"));
  EXPECT_EQ(to_string(Shape{2, 3}), "[2, 3]");
  EXPECT_EQ(to_string(Shape{}), "[]");
}

TEST(Half, EveryOneIsTheNumberThatItsBitsSay) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const double sign = bits & 0x8000 ? -1 : 1;
    const float value = from_f16(static_cast<std::uint16_t>(bits));
    if (exponent == 31 && fraction) {
      ASSERT_TRUE(std::isnan(value)) << bits;
      ASSERT_TRUE(std::isnan(from_f16(to_f16(value)))) << bits;
      continue;
    }
    const double magnitude = exponent == 31 ? kInfinity
                             : exponent     ? std::ldexp(1024 + fraction, exponent - 25)
                                            : std::ldexp(fraction, -24);
    ASSERT_EQ(value, sign * magnitude) << bits;
    ASSERT_EQ(std::signbit(value), sign < 0) << bits;
    ASSERT_EQ(to_f16(value), bits);
  }
}

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(to_f16(1 + 0x1p-11f), 0x3c00);
  EXPECT_EQ(to_f16(1 + 0x1.02p-11f), 0x3c01);
  EXPECT_EQ(to_f16(1 + 3 * 0x1p-11f), 0x3c02);
  EXPECT_EQ(to_f16(-1 - 0x1p-11f), 0xbc00);
  EXPECT_EQ(to_f16(65504), 0x7bff);
  EXPECT_EQ(to_f16(65519.996f), 0x7bff);
  EXPECT_EQ(to_f16(65520), 0x7c00);
  EXPECT_EQ(to_f16(-1e30f), 0xfc00);
  EXPECT_EQ(to_f16(0x1p-25f), 0);
  EXPECT_EQ(to_f16(0x1.02p-25f), 1);
  EXPECT_EQ(to_f16(3 * 0x1p-25f), 2);
  EXPECT_EQ(to_f16(0x1p-14f - 0x1p-25f), 0x400);
  EXPECT_EQ(to_f16(-1e-45f), 0x8000);
}

TEST(Half, BrainFloatsAreTheUpperHalfOfAFloat) {
  EXPECT_EQ(from_bf16(0x3f80), 1);
  EXPECT_EQ(from_bf16(0xc040), -3);
  EXPECT_EQ(from_bf16(0x0001), 0x1p-133f);
  EXPECT_EQ(from_bf16(0xff80), -kInfinity);
  EXPECT_TRUE(std::isnan(from_bf16(0x7fc0)));
}

TEST(TensorFile, KeepsAllTypesAndMetadata) {
  const std::vector<float> f32{1.5f, -kInfinity, 1e-45f};
  const std::vector<std::uint16_t> f16{0x3c00, 0x0001}, bf16{0x3f80};
  const std::vector<std::int64_t> i64{std::numeric_limits<std::int64_t>::min(), 7};
  const std::vector<std::int32_t> i32{-3};
  const std::vector<std::int8_t> i8{-128, 127, 0};
  const std::vector<std::uint8_t> u8{255};
  const std::vector<double> f64{-2.5, .1};
  const TemporaryFolder folder;
  const auto path = folder / "a.safetensors";
  write_tensor_file(path, {{"regard", "{\"x\": \"\xc3\xa9\"}"}, {"note", ""}},
                    {{"a", view(DType::u8, {1, 1}, u8)},
                     {"b", view(DType::i64, {2}, i64)},
                     {"c", view(DType::f32, {3, 1}, f32)},
                     {"d", view(DType::i8, {3}, i8)},
                     {"e", view(DType::f16, {2}, f16)},
                     {"f", view(DType::bf16, {}, bf16)},
                     {"g", view(DType::i32, {1}, i32)},
                     {"h", {DType::f32, {2, 0}, {}}},
                     {"i", view(DType::f64, {2}, f64)}});
  const auto file = TensorFile::open(path);
  EXPECT_EQ(file.path(), path);
  EXPECT_EQ(file.metadata().at("regard"), "{\"x\": \"\xc3\xa9\"}");
  EXPECT_EQ(file.metadata().at("note"), "");
  ASSERT_EQ(file.tensors().size(), 9u);
  EXPECT_THAT(file.at("a").as<std::uint8_t>(), ElementsAre(255));
  EXPECT_THAT(file.at("b").as<std::int64_t>(), ElementsAre(i64[0], 7));
  EXPECT_THAT(file.at("c").as<float>(), ElementsAre(1.5f, -kInfinity, 1e-45f));
  EXPECT_THAT(file.at("c").to_floats(), ElementsAre(1.5f, -kInfinity, 1e-45f));
  EXPECT_THAT(file.at("d").as<std::int8_t>(), ElementsAre(-128, 127, 0));
  EXPECT_THAT(file.at("e").to_floats(), ElementsAre(1, 0x1p-24f));
  EXPECT_THAT(file.at("f").to_floats(), ElementsAre(1));
  EXPECT_THAT(file.at("i").to_floats(), ElementsAre(-2.5f, .1f));
  EXPECT_THAT(file.at("g").as<std::int32_t>(), ElementsAre(-3));
  EXPECT_EQ(file.at("c").shape, (Shape{3, 1}));
  EXPECT_TRUE(file.at("f").shape.empty());
  EXPECT_TRUE(file.at("h").to_floats().empty());
  EXPECT_EQ(file.sha256(), sha256(map_file(path).bytes));
}

TEST(TensorFile, SurvivesItsCopyAndItsFile) {
  const TemporaryFolder folder;
  const std::vector<float> values{1, 2};
  write_tensor_file(folder / "a", {}, {{"x", view(DType::f32, {2}, values)}});
  TensorFile copy;
  {
    const auto file = TensorFile::open(folder / "a");
    copy = file;
  }
  std::filesystem::remove(folder / "a");
  EXPECT_THAT(copy.at("x").as<float>(), ElementsAre(1, 2));
}

TEST(TensorFile, OtherTypesThanTheStoredAreErrors) {
  const auto bytes = raw(R"({"x":)" + tensor("I32", "[1]", "[0,4]") + "}", 4);
  const auto file = TensorFile::parse(std::as_bytes(std::span(bytes)), "a");
  EXPECT_THAT(error_of([&] { file.at("x").as<float>(); }), AllOf(HasSubstr("F32"), HasSubstr("I32")));
  EXPECT_THAT(error_of([&] { file.at("x").to_floats(); }), HasSubstr("I32"));
}

TEST(TensorFile, UnalignedElementsAreConvertedButNotReadInPlace) {
  const std::string header =
      R"({"x":)" + tensor("F32", "[1]", "[1,5]") + R"(,"a":)" + tensor("U8", "[1]", "[0,1]") + "}";
  std::string bytes = raw(header + std::string(8 - header.size() % 8, ' '), 5);
  const float value = 2.5f;
  std::memcpy(bytes.data() + bytes.size() - 4, &value, 4);
  const auto file = TensorFile::parse(std::as_bytes(std::span(bytes)), "a");
  EXPECT_THAT(file.at("x").to_floats(), ElementsAre(2.5f));
  EXPECT_THAT(error_of([&] { file.at("x").as<float>(); }), HasSubstr("aligned"));
}

TEST(TensorFile, AMissingTensorNamesTheNearest) {
  const auto bytes = raw(R"({"conv1.weight":)" + tensor("U8", "[1]", "[0,1]") + "}", 1);
  const auto file = TensorFile::parse(std::as_bytes(std::span(bytes)), "a.safetensors");
  EXPECT_TRUE(file.has("conv1.weight"));
  EXPECT_FALSE(file.has("conv1.weigth"));
  EXPECT_THAT(error_of([&] { file.at("conv1.weigth"); }),
              AllOf(HasSubstr("a.safetensors"), HasSubstr("'conv1.weigth'"), HasSubstr("'conv1.weight'")));
}

TEST(TensorFile, FilesOfTheFormatAreRead) {
  EXPECT_EQ(parse_error(raw("{}", 0)), "");
  EXPECT_EQ(parse_error(raw("{}   ", 0)), "");
  EXPECT_EQ(parse_error(raw(R"({"__metadata__":{"format":"pt"}})", 0)), "");
  EXPECT_EQ(
      parse_error(raw(R"({"b":)" + tensor("U8", "[2]", "[0,2]") + R"(,"a":)" + tensor("U8", "[0]", "[2,2]") +
                          R"(,"c":)" + tensor("U8", "[1]", "[2,3]") + "}",
                      3)),
      "");
}

TEST(TensorFile, TruncatedAtAnyLengthIsAnError) {
  const auto whole = raw(R"({"__metadata__":{"k":"v"},"x":)" + tensor("F32", "[2]", "[0,8]") + "}", 8);
  ASSERT_EQ(parse_error(whole), "");
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_THAT(parse_error(whole.substr(0, length)), HasSubstr("a.safetensors")) << length;
  EXPECT_THAT(parse_error(whole + "x"), HasSubstr("longer"));
}

TEST(TensorFile, AnyByteMayBeWrongWithoutACrash) {
  const auto whole = raw(R"({"__metadata__":{"k":"v"},"x":)" + tensor("F32", "[2]", "[0,8]") + "}", 8);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto wrong = whole;
      wrong[i] = static_cast<char>(wrong[i] ^ 1 << bit);
      refused += !parse_error(wrong).empty();
    }
  EXPECT_GT(refused, whole.size() * 4);
}

TEST(TensorFile, HeadersLengthMustBePossible) {
  for (const std::uint64_t length :
       {std::uint64_t{3}, std::uint64_t{1} << 32, ~std::uint64_t{0}, ~std::uint64_t{7}}) {
    auto bytes = raw("{}", 0);
    std::memcpy(bytes.data(), &length, sizeof(length));
    EXPECT_NE(parse_error(bytes), "") << length;
  }
}

TEST(TensorFile, TensorsMustFillTheDataOneAfterTheOther) {
  const auto two = [](const std::string& a, const std::string& b) {
    return R"({"a":)" + tensor("U8", "[2]", a) + R"(,"b":)" + tensor("U8", "[2]", b) + "}";
  };
  EXPECT_EQ(parse_error(raw(two("[0,2]", "[2,4]"), 4)), "");
  EXPECT_THAT(parse_error(raw(two("[0,2]", "[1,3]"), 4)), AllOf(HasSubstr("overlaps"), HasSubstr(": b")));
  EXPECT_THAT(parse_error(raw(two("[0,2]", "[0,2]"), 4)), HasSubstr("overlaps"));
  EXPECT_THAT(parse_error(raw(two("[0,2]", "[3,5]"), 5)), AllOf(HasSubstr("gap"), HasSubstr(": b")));
  EXPECT_THAT(parse_error(raw(two("[1,3]", "[3,5]"), 5)), HasSubstr("gap"));
  EXPECT_THAT(parse_error(raw(two("[0,2]", "[2,4]"), 3)), HasSubstr("truncated"));
  EXPECT_THAT(parse_error(raw(two("[0,2]", "[2,4]"), 5)), HasSubstr("longer"));
}

TEST(TensorFile, SizesMustMatchShapes) {
  const auto one = [](const char* type, const char* shape, const char* offsets) {
    return parse_error(raw(R"({"x":)" + tensor(type, shape, offsets) + "}", 8));
  };
  EXPECT_EQ(one("F32", "[2]", "[0,8]"), "");
  EXPECT_THAT(one("F32", "[3]", "[0,8]"), AllOf(HasSubstr("x"), HasSubstr("12 bytes")));
  EXPECT_THAT(one("F16", "[2]", "[0,8]"), HasSubstr("4 bytes"));
  EXPECT_THAT(one("F32", "[2]", "[8,0]"), HasSubstr("does not match its shape"));
  EXPECT_THAT(one("F32", "[2]", "[0,18446744073709551615]"), HasSubstr("does not match its shape"));
  EXPECT_THAT(one("U8", "[4294967296,4294967296]", "[0,8]"), HasSubstr("too many elements"));
  EXPECT_THAT(one("F32", "[4611686018427387906]", "[0,8]"), HasSubstr("too large"))
      << "times four it is 8 modulo 2^64";
  EXPECT_THAT(one("U8", "[18446744073709551615]", "[0,8]"), HasSubstr("axis is too large"));
}

TEST(TensorFile, EntriesMustBeTypedAsTheFormatSays) {
  for (const char* entry :
       {"1", "[]", "{}", R"({"dtype":"U8","shape":[1]})", R"({"dtype":"U8","data_offsets":[0,1]})",
        R"({"shape":[1],"data_offsets":[0,1]})", R"({"dtype":"F128","shape":[1],"data_offsets":[0,1]})",
        R"({"dtype":8,"shape":[1],"data_offsets":[0,1]})",
        R"({"dtype":"u8","shape":[1],"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":1,"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":[-1],"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":[1.0],"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":["1"],"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":[1],"data_offsets":[0]})",
        R"({"dtype":"U8","shape":[1],"data_offsets":[0,1,1]})",
        R"({"dtype":"U8","shape":[1],"data_offsets":{"0":0,"1":1}})",
        R"({"dtype":"U8","shape":[1],"data_offsets":[0,true]})"})
    EXPECT_THAT(parse_error(raw(std::string(R"({"x":)") + entry + "}", 1)), HasSubstr("a.safetensors: x"))
        << entry;
}

TEST(TensorFile, HeadersThatAreNoneAreErrors) {
  const auto x = tensor("U8", "[1]", "[0,1]");
  EXPECT_THAT(parse_error(raw(R"({"x":)" + x + R"(,"x":)" + x + "}", 1)), HasSubstr("twice"));
  for (const char* header :
       {"", " ", "[]", "null", "{", R"({"__metadata__":1})", R"({"__metadata__":{"k":1}})",
        R"({"__metadata__":{"k":"a","k":"b"}})", "{\"\xff\":1}"})
    EXPECT_NE(parse_error(raw(header, 0)), "") << header;
}

TEST(TensorFile, EmptyFilesAndFoldersAreErrors) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "empty", "");
  EXPECT_THAT(error_of([&] { TensorFile::open(folder / "empty"); }), HasSubstr("an empty file"));
  EXPECT_THAT(error_of([&] { TensorFile::open(folder.path()); }), HasSubstr("folder"));
  EXPECT_THAT(error_of([&] { TensorFile::open(folder / "none"); }), HasSubstr("none"));
}

TEST(WriteTensorFile, RefusesBytesThatDoNotMatchTheShape) {
  const TemporaryFolder folder;
  const std::vector<float> values{1, 2};
  EXPECT_THAT(error_of([&] {
                write_tensor_file(folder / "a", {}, {{"x", view(DType::f32, {3}, values)}});
              }),
              AllOf(HasSubstr("x"), HasSubstr("[3]"), HasSubstr("8 bytes")));
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
}

TEST(WriteTensorFile, IsTheSameEveryTime) {
  const TemporaryFolder folder;
  const std::vector<float> values{1, 2};
  for (const char* name : {"a", "b"})
    write_tensor_file(folder / name, {{"k", "v"}},
                      {{"y", view(DType::f32, {2}, values)}, {"x", view(DType::f32, {1, 2}, values)}});
  EXPECT_EQ(read_text(folder / "a"), read_text(folder / "b"));
}

}  // namespace
}  // namespace regard
