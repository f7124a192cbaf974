#include "regard/core/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

struct Inner {
  float margin = .02f;
  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("margin", margin, "how far apart");
  }
};

struct Outer {
  int epochs = 8;
  bool flip_tta = true;
  double learning_rate = .5;
  std::int64_t seed = 1;
  std::string name = "plain";
  std::vector<float> mean{.1f, 2};
  std::vector<std::string> labels{"a"};
  Inner loss;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("epochs", epochs, "passes");
    visit("flip_tta", flip_tta, "both ways");
    visit("learning_rate", learning_rate, "speed");
    visit("seed", seed, "of chance");
    visit("name", name, "of the network");
    visit("mean", mean, "subtracted");
    visit("labels", labels, "names");
    visit("loss", loss, "what is minimised");
  }
};

std::string error_for(const char* json) {
  return error_of([&] {
    Outer options;
    from_json(Json::parse(json), options, "a.toml");
  });
}

TEST(Options, NamesInOrder) {
  EXPECT_THAT(option_names<Outer>(),
              ElementsAre("epochs", "flip_tta", "learning_rate", "seed", "name", "mean", "labels", "loss"));
}

TEST(Options, GoToJsonInShortNumbers) {
  EXPECT_EQ(to_json(Outer{}).dump(),
            R"({"epochs":8,"flip_tta":true,"learning_rate":0.5,"seed":1,"name":"plain","mean":[0.1,2.0],)"
            R"("labels":["a"],"loss":{"margin":0.02}})");
}

TEST(Options, ComeBackFromJson) {
  Outer options;
  from_json(Json::parse(R"({"epochs":3,"flip_tta":false,"learning_rate":2,"seed":9007199254740993,"name":"n",
                            "mean":[1,2.5],"labels":["x","y"],"loss":{"margin":1e-3}})"),
            options, "a.toml");
  EXPECT_EQ(options.epochs, 3);
  EXPECT_FALSE(options.flip_tta);
  EXPECT_EQ(options.learning_rate, 2);
  EXPECT_EQ(options.seed, 9007199254740993);
  EXPECT_EQ(options.name, "n");
  EXPECT_THAT(options.mean, ElementsAre(1, 2.5f));
  EXPECT_THAT(options.labels, ElementsAre("x", "y"));
  EXPECT_EQ(options.loss.margin, 1e-3f);
}

TEST(Options, LeaveWhatIsNotNamed) {
  Outer options;
  options.epochs = 5;
  from_json(Json::parse(R"({"learning_rate":1})"), options, "a.toml");
  EXPECT_EQ(options.epochs, 5);
}

TEST(Options, UnknownKeyNamesTheNearest) {
  EXPECT_THAT(error_for(R"({"epoch":3})"),
              AllOf(HasSubstr("a.toml"), HasSubstr("'epoch'"), HasSubstr("did you mean 'epochs'")));
  EXPECT_THAT(error_for(R"({"loss":{"margni":3}})"),
              AllOf(HasSubstr("a.toml: loss"), HasSubstr("did you mean 'margin'")));
  EXPECT_THAT(error_for(R"({"wavelength":3})"),
              AllOf(HasSubstr("'wavelength'"), testing::Not(HasSubstr("did you mean"))));
}

TEST(Options, WrongTypesAreErrors) {
  EXPECT_THAT(error_for(R"({"epochs":"three"})"), AllOf(HasSubstr("a.toml: epochs"), HasSubstr("wrong type"),
                                                        HasSubstr("like 8"), HasSubstr("three")));
  for (const char* json :
       {R"({"epochs":true})", R"({"epochs":2.5})", R"({"epochs":4294967296})", R"({"epochs":-2147483649})",
        R"({"seed":18446744073709551615})", R"({"flip_tta":1})", R"({"learning_rate":"1"})",
        R"({"learning_rate":true})", R"({"name":7})", R"({"mean":1})", R"({"mean":[1,"2"]})",
        R"({"mean":[true]})", R"({"mean":[1e300]})", R"({"labels":[1]})", R"({"loss":1})",
        R"({"loss":{"margin":1e39}})", R"({"epochs":null})", "[]", "3"})
    EXPECT_NE(error_for(json), "") << json;
}

TEST(Nearest, FindsTheLeastEdits) {
  const std::vector<std::string> known{"neutral", "happiness", "surprise"};
  EXPECT_EQ(nearest("hapiness", known), "happiness");
  EXPECT_EQ(nearest("suprise", known), "surprise");
  EXPECT_EQ(nearest("neutral", known), "neutral");
  EXPECT_EQ(nearest("xyz", known), "");
  EXPECT_EQ(nearest("", known), "");
}

TEST(Shortest, ReadsBackAsTheSameFloat) {
  for (const float value : {.3f, 1 / 3.f, 1e-38f, 1e-45f, 3.4e38f, 123.68f, 0.f, -2.5f})
    EXPECT_EQ(static_cast<float>(shortest(value)), value);
  EXPECT_EQ(shortest(.3f), .3);
}

}  // namespace
}  // namespace regard
