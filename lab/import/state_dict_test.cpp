#include "lab/import/state_dict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/error.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::AllOf;
using testing::HasSubstr;
using Kind = PickleValue::Kind;

/// A pickle's values, built from the inside out.
class Checkpoint {
 public:
  std::size_t add(PickleValue value) {
    pickle_.values.push_back(std::move(value));
    return pickle_.values.size() - 1;
  }
  std::size_t text(const std::string& text) { return add({.kind = Kind::text, .text = text}); }
  std::size_t list(std::vector<std::size_t> items) {
    return add({.kind = Kind::list, .items = std::move(items)});
  }
  std::size_t number(std::int64_t value) { return add({.kind = Kind::integer, .integer = value}); }

  /// One of so many floats.
  std::size_t tensor(std::int64_t size) {
    const auto type = add({.kind = Kind::name, .text = "torch.FloatStorage"});
    const auto storage =
        add({.kind = Kind::storage, .items = {type, text(std::to_string(size)), text("cpu"), number(size)}});
    return add(
        {.kind = Kind::tensor, .items = {storage, number(0), list({number(size)}), list({number(1)})}});
  }

  using Entries = std::vector<std::pair<std::string, std::size_t>>;

  std::size_t dict(const Entries& entries, Kind kind = Kind::dict) {
    PickleValue dict{.kind = kind, .text = "a.Class"};
    for (const auto& [key, value] : entries) {
      dict.items.push_back(text(key));
      dict.items.push_back(value);
    }
    return add(std::move(dict));
  }

  std::size_t object(const Entries& attributes) {
    return add({.kind = Kind::object, .text = "a.Module", .state = dict(attributes)});
  }

  const Pickle& with_root(std::size_t root) {
    pickle_.root = root;
    return pickle_;
  }

 private:
  Pickle pickle_;
};

std::vector<std::string> names_of(const StateDict& dict) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : dict.tensors) names.push_back(name);
  return names;
}

TEST(StateDict, TheUsualNamesComeFirstAndAveragesLast) {
  Checkpoint made;
  const auto ema = made.dict({{"w", made.tensor(1)}}), model = made.dict({{"w", made.tensor(2)}});
  const auto found = read_state_dict(made.with_root(made.dict({{"model_ema", ema}, {"x", model}})), "a");
  EXPECT_EQ(found.place, "x");
  EXPECT_EQ(found.tensors.at("w").shape, Shape{2});
  const auto nested = made.dict({{"state_dict", ema}});
  EXPECT_EQ(read_state_dict(made.with_root(made.dict({{"ema", nested}, {"model", model}})), "a").place,
            "model");
  EXPECT_EQ(read_state_dict(made.with_root(made.dict({{"ema", nested}})), "a").place, "ema.state_dict");
}

TEST(StateDict, WhatHasFewTensorsIsNoNetworkBesideOneWithMany) {
  Checkpoint made;
  Checkpoint::Entries many;
  for (const char* name : {"a", "b", "c", "d"}) many.emplace_back(name, made.tensor(1));
  const auto few = made.dict({{"w", made.tensor(2)}});
  const auto found = read_state_dict(
      made.with_root(made.dict({{"model", few}, {"best", made.tensor(1)}, {"x", made.dict(many)}})), "a");
  EXPECT_EQ(found.place, "x");
}

TEST(StateDict, ListsAndPairs) {
  Checkpoint made;
  const auto pair = made.list({made.text("w"), made.tensor(3)});
  EXPECT_EQ(read_state_dict(made.with_root(made.list({pair})), "a").tensors.at("w").shape, Shape{3});
  const auto list = made.list({made.number(1), made.dict({{"w", made.tensor(2)}})});
  EXPECT_EQ(read_state_dict(made.with_root(list), "a").place, "[1]");
}

TEST(StateDict, ModulesAreNamedAsTheirStateDictWouldNameThem) {
  Checkpoint made;
  const auto inner =
      made.object({{"_parameters", made.dict({{"weight", made.tensor(1)}, {"bias", made.number(0)}})},
                   {"_buffers", made.dict({{"mean", made.tensor(2)}})},
                   {"_modules", made.dict({})}});
  const auto outer =
      made.object({{"_parameters", made.dict({})}, {"_modules", made.dict({{"conv", inner}})}});
  EXPECT_EQ(names_of(read_state_dict(made.with_root(outer), "a")),
            (std::vector<std::string>{"conv.mean", "conv.weight"}));
  const auto script =
      made.object({{"weight", made.tensor(1)}, {"training", made.number(1)}, {"inner", inner}});
  EXPECT_EQ(names_of(read_state_dict(made.with_root(script), "a")),
            (std::vector<std::string>{"inner.mean", "inner.weight", "weight"}));
}

TEST(StateDict, ModulesWithinThemselvesEnd) {
  Checkpoint made;
  const auto attributes = made.dict({{"w", made.tensor(1)}});
  const auto module = made.add({.kind = Kind::object, .text = "a.Module", .state = attributes});
  auto pickle = made.with_root(module);
  for (int i = 0; i < 2; ++i) {
    pickle.values.push_back({.kind = Kind::text, .text = std::string(1, static_cast<char>('a' + i))});
    pickle.values[attributes].items.push_back(pickle.values.size() - 1);
    pickle.values[attributes].items.push_back(module);
  }
  EXPECT_GT(read_state_dict(pickle, "a").tensors.size(), 100u);
}

TEST(StateDict, WhatIsThereInsteadIsNamed) {
  Checkpoint made;
  const auto root = made.dict({{"epoch", made.number(3)},
                               {"weights", made.dict({{"w", made.text("x")}}, Kind::object)},
                               {"last", made.list({})}});
  EXPECT_THAT(error_of([&] { read_state_dict(made.with_root(root), "a.pth"); }),
              AllOf(HasSubstr("a.pth: file holds no tensors by name"),
                    HasSubstr("got a dict with 'epoch' (a number), 'weights' (a.Class), 'last' (a list)")));
  EXPECT_THAT(error_of([&] { read_state_dict(made.with_root(made.tensor(1)), "a"); }),
              HasSubstr("got a tensor"));
}

}  // namespace
}  // namespace regard
