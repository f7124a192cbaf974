#include "lab/import/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/import/state_dict.h"
#include "tests/support.h"

namespace regard {
namespace {

using namespace std::string_literals;
using test::error_of;
using testing::AllOf;
using testing::HasSubstr;
using Kind = PickleValue::Kind;

Pickle read(const std::string& bytes) {
  return read_pickle(std::as_bytes(std::span(bytes)), "a.pkl");
}

std::string error_of_pickle(const std::string& bytes) {
  return error_of([&] { read_state_dict(read(bytes), "a.pkl"); });
}

/// An unsigned number in little-endian bytes.
std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i);
  return text;
}

std::string text(const std::string& letters) {
  return std::string("X").append(little(letters.size(), 4)).append(letters);
}

std::string name(const std::string& module, const std::string& item) {
  return "c" + module + "\n" + item + "\n";
}

/// The pickle of a storage of `count` floats by the key "0".
std::string storage(int count) {
  const auto parts = text("storage") + name("torch", "FloatStorage") + text("0") + text("cpu");
  return std::string("(")
      .append(parts)
      .append("K")
      .append(little(static_cast<unsigned>(count), 1))
      .append("tQ");
}

/// {"w": a tensor of six floats}, in parts that tests can change.
struct Made {
  std::string function = name("torch._utils", "_rebuild_tensor_v2");
  std::string storage = regard::storage(6);
  std::string offset = "K\0"s, shape = "K\2K\3\x86", strides = "K\3K\1\x86";
  std::string end = "u.";

  std::string bytes() const {
    return "\x80\x02}(" + text("w") + function + "(" + storage + offset + shape + strides + "\x89)tR" + end;
  }
};

std::string error_with(std::string Made::*part, const std::string& value) {
  Made made;
  made.*part = value;
  return error_of_pickle(made.bytes());
}

TEST(ImportPickle, ATensor) {
  const auto tensors = read_state_dict(read(Made().bytes()), "a.pkl").tensors;
  ASSERT_EQ(tensors.size(), 1u);
  const auto& tensor = tensors.at("w");
  EXPECT_EQ(tensor.storage.key, "0");
  EXPECT_EQ(tensor.storage.type, "FloatStorage");
  EXPECT_EQ(tensor.storage.size, 6);
  EXPECT_EQ(tensor.offset, 0);
  EXPECT_EQ(tensor.shape, (Shape{2, 3}));
  EXPECT_EQ(tensor.strides, (Shape{3, 1}));
}

TEST(ImportPickle, NumbersOfEveryLength) {
  const auto integer = [](const std::string& bytes) { return read(bytes + ".").whole().integer; };
  EXPECT_EQ(integer("K\xff"), 255);
  EXPECT_EQ(integer("M\x01\x02"), 513);
  EXPECT_EQ(integer("J\xfe\xff\xff\xff"), -2);
  EXPECT_EQ(integer("\x8a\0"s), 0);
  EXPECT_EQ(integer("\x8a\1\xfe"), -2);
  EXPECT_EQ(integer("\x8a\2\xfe\0"s), 254);
  EXPECT_EQ(integer("\x8a\x08" + little(1ull << 62, 8)), 1ll << 62);
  EXPECT_EQ(integer("\x88"), 1);
  EXPECT_EQ(read("\x8a\x09" + little(0, 8) + "\1.").whole().text, little(0, 8) + "\1");
}

TEST(ImportPickle, StopsAtItsEnd) {
  EXPECT_EQ(read("K\1.rest").length, 3u);
}

TEST(ImportPickle, DictsOfPython2) {
  const auto pickle = read(name("collections", "OrderedDict") + "](]("s + text("k") + "K\5ee\x85R.");
  ASSERT_EQ(pickle.whole().kind, Kind::dict);
  ASSERT_EQ(pickle.whole().items.size(), 2u);
  EXPECT_EQ(pickle.values[pickle.whole().items[0]].text, "k");
  EXPECT_EQ(pickle.values[pickle.whole().items[1]].integer, 5);
}

TEST(ImportPickle, WhatOtherClassesAndFunctionsMakeIsAnObjectOfTheirName) {
  const auto made = [](const std::string& bytes) {
    const auto pickle = read(bytes + ".");
    EXPECT_EQ(pickle.whole().kind, Kind::object) << testing::PrintToString(bytes);
    return pickle.whole().text;
  };
  EXPECT_EQ(made(name("os", "system") + text("exit 1") + "\x85R"), "os.system");
  EXPECT_EQ(made(text("os") + text("system") + "\x93" + text("exit 1") + "\x85R"), "os.system");
  EXPECT_EQ(made(name("a", "B") + ")\x81"), "a.B");
  EXPECT_EQ(made(name("a", "B") + ")}\x92"), "a.B");
  EXPECT_EQ(made(name("a", "B") + ")\x81}b"), "a.B");
  EXPECT_EQ(made("(" + name("a", "B") + "K\1o"), "a.B");
  EXPECT_EQ(made("(K\1ia\nB\n"), "a.B");
  EXPECT_EQ(made("\x82\1)R"), "a class by its number");
  EXPECT_EQ(made("\x8f(K\1K\2\x90"), "builtins.set");
  EXPECT_EQ(made("(K\1\x91"), "builtins.frozenset");
  EXPECT_EQ(made(text("anything") + "Q"), "a persistent id");
  // A method: what an object gives is called.
  EXPECT_EQ(made(name("builtins", "getattr") + name("a", "B") + text("c") + "\x86R)R"), "builtins.getattr");
}

TEST(ImportPickle, ObjectsKeepWhatTheyAreGiven) {
  const auto pickle = read(name("a", "Dict") + ")\x81(" + text("k") + "K\5u]K\7ab.");
  ASSERT_EQ(pickle.whole().kind, Kind::object);
  ASSERT_EQ(pickle.whole().items.size(), 2u);
  EXPECT_EQ(pickle.values[pickle.whole().items[1]].integer, 5);
  ASSERT_TRUE(pickle.whole().state);
  EXPECT_EQ(pickle.values[*pickle.whole().state].kind, Kind::list);
}

TEST(ImportPickle, LinesOfProtocol0) {
  EXPECT_EQ(read("I12\n.").whole().integer, 12);
  EXPECT_EQ(read("I01\n.").whole().kind, Kind::boolean);
  EXPECT_EQ(read("L-7L\n.").whole().integer, -7);
  EXPECT_EQ(read("L99999999999999999999L\n.").whole().text, "99999999999999999999");
  EXPECT_EQ(read("F1.5\n.").whole().kind, Kind::real);
  EXPECT_EQ(read("S'abc'\n.").whole().text, "abc");
  EXPECT_EQ(read("Vabc\np3\n0g3\n.").whole().text, "abc");
}

TEST(ImportPickle, TensorsOfWrongPartsAreErrors) {
  EXPECT_THAT(error_with(&Made::storage, "N"), HasSubstr("wrong parts"));
  EXPECT_THAT(error_with(&Made::offset, "N"), HasSubstr("wrong parts"));
  EXPECT_THAT(error_with(&Made::shape, "K\2"), HasSubstr("wrong parts"));
  EXPECT_THAT(error_with(&Made::strides, "N\x85"), HasSubstr("no list of numbers"));
  EXPECT_THAT(error_with(&Made::shape, "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t"), HasSubstr("axes"));
  EXPECT_THAT(error_with(&Made::storage, text("0") + "Q"), HasSubstr("wrong parts"));
  EXPECT_THAT(error_with(&Made::storage, text("storage") + "\x85Q"), HasSubstr("no storage"));
  EXPECT_THAT(error_with(&Made::function, "N"), HasSubstr("no function"));
  EXPECT_THAT(error_with(&Made::function, name("torch", "FloatStorage")),
              HasSubstr("got a dict with 'w' (torch.FloatStorage)"));
  EXPECT_THAT(error_with(&Made::end, "0u."), HasSubstr("without a value"));
}

TEST(ImportPickle, DamagedBytesAreErrors) {
  for (const auto& bytes : {""s,
                            "K"s,
                            "0."s,
                            "t."s,
                            "u."s,
                            "\x85."s,
                            "}\x85"s,
                            "h\0."s,
                            "j\1\0\0\0."s,
                            "R."s,
                            ")R."s,
                            "Q."s,
                            "b."s,
                            "K\1)b."s,
                            "(0."s,
                            "K\1K\2a."s,
                            "}K\1a."s,
                            "]K\1K\2s."s,
                            "\xff."s,
                            "\x80\x01K\1."s,
                            "\x80\x06K\1."s,
                            "\x93."s,
                            "X\xff\xff\xff\xff."s,
                            "\x8d\xff\xff\xff\xff\xff\xff\xff\xff."s,
                            "I1x\n."s,
                            "I1"s,
                            "S'a\n."s,
                            "o."s,
                            "(o."s,
                            "K\1K\2\x93."s,
                            "]K\1K\2s."s,
                            "\x97."s})
    EXPECT_THAT(error_of([&] { read(bytes); }), HasSubstr("a.pkl")) << testing::PrintToString(bytes);
}

TEST(ImportPickle, ListsThatHoldThemselvesEnd) {
  EXPECT_EQ(read("]q\0h\0a."s).whole().items.size(), 1u);
  EXPECT_THAT(error_of_pickle("}q\0("s + text("state_dict") + "h\0u."s), HasSubstr("no tensors"));
}

TEST(ImportPickle, PicklesOfTooManyValuesAreErrors) {
  EXPECT_THAT(error_of_pickle(std::string(2'000'001, 'N') + "."), HasSubstr("two million"));
  // A list of 100,000 pairs, put into 100 dicts.
  std::string bytes = "](";
  for (int i = 0; i < 100'000; ++i) bytes += "NN\x86";
  bytes += "e\x85q\0"s;
  for (int i = 0; i < 100; ++i) bytes += name("collections", "OrderedDict") + "h\0R"s;
  EXPECT_THAT(error_of_pickle(bytes + "."), HasSubstr("two million"));
  EXPECT_THAT(error_of_pickle(name(std::string(2000, 'x'), "y") + "."), HasSubstr("at length"));
}

}  // namespace
}  // namespace regard
