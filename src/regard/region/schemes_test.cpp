#include "regard/region/schemes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden.h"
#include "tests/run_graph.h"
#include "tests/support.h"

/// tests/golden/region_attention.json comes from the NumPy script beside it.
namespace regard {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

const Json& geometry() {
  static const Json all = golden("region_attention").at("geometry");
  return all;
}

std::vector<float> numbers(const std::vector<Affine>& views) {
  std::vector<float> values;
  for (const auto& view : views) values.insert(values.end(), view.m.begin(), view.m.end());
  return values;
}

std::vector<Affine> affines(const Json& json) {
  const auto values = golden_tensor(json).values;
  std::vector<Affine> views(values.size() / 6);
  for (std::size_t i = 0; i < values.size(); ++i) views[i / 6].m[i % 6] = values[i];
  return views;
}

TEST(Regions, AreWhereTheGoldenOnesAre) {
  std::vector<std::string> schemes;
  for (const auto& example : geometry().at("schemes")) {
    SCOPED_TRACE(example.at("options").dump());
    RegionOptions options;
    from_json(example.at("options"), options, "region_attention.json");
    schemes.push_back(options.scheme);
    const auto expected = golden_tensor(example.at("views"));
    EXPECT_THAT(numbers(known_views(options)), Pointwise(FloatNear(1e-6f), expected.values));
    EXPECT_EQ(count_views(options), expected.shape[0]);
    EXPECT_EQ(view_names(options).size(), static_cast<std::size_t>(expected.shape[0]));

    GraphOps ops({});
    ops.output("affines", view_affines(ops, options));
    // A graph wants an input: the constants lead to nothing else.
    ops.output("landmarks_as_they_are", ops.scale(ops.landmarks(), 1));
    const auto got = run_graph(ops.serialize(), {{"landmarks", random_tensor({2, 5, 2}, 1)}}).at("affines");
    EXPECT_THAT(got.values, Pointwise(FloatNear(1e-6f), expected.values));
  }
  EXPECT_THAT(schemes, testing::IsSupersetOf({"none", "fixed", "fixed7", "random"}));
}

TEST(Regions, LieAboutLandmarks) {
  for (const auto& example : geometry().at("landmarks")) {
    const auto input = golden_tensor(example.at("landmarks"));
    const auto expected = golden_tensor(example.at("views"));
    Landmarks landmarks;
    for (std::size_t i = 0; i < input.values.size(); ++i)
      (i % 2 ? landmarks[i / 2].y : landmarks[i / 2].x) = input.values[i];
    const RegionOptions options{
        .scheme = "landmark", .half_side = example.at("half_side").get<float>(), .only = {}};
    EXPECT_THAT(numbers(views_of_face(options, landmarks)), Pointwise(FloatNear(1e-6f), expected.values));
    EXPECT_EQ(count_views(options), expected.shape[0]);

    GraphOps ops({});
    ops.output("affines", view_affines(ops, options));
    const auto got = run_graph(ops.serialize(), {{"landmarks", {{1, 5, 2}, input.values}}}).at("affines");
    EXPECT_THAT(got.values, Pointwise(FloatNear(1e-6f), expected.values));
  }
}

TEST(Regions, AreMirroredAsTheGoldenOnesAre) {
  const auto& mirrored = geometry().at("mirrored");
  std::vector<Affine> content, face;
  for (const auto& view : affines(mirrored.at("views"))) {
    content.push_back(compose(view, kMirroredFace));
    face.push_back(compose(kMirroredFace, view));
  }
  EXPECT_THAT(numbers(content), Pointwise(FloatNear(1e-6f), golden_tensor(mirrored.at("content")).values));
  EXPECT_THAT(numbers(face), Pointwise(FloatNear(1e-6f), golden_tensor(mirrored.at("face")).values));
}

/// The fixed views and the same mirrored, out of images that are no squares: neither the axes nor the order
/// of faces, views and channels can be taken for another.
TEST(Regions, AreCutAsTheGoldenOnesAre) {
  const auto& cut = geometry().at("cut");
  const auto images = golden_tensor(cut.at("images")), expected = golden_tensor(cut.at("views"));
  GraphOps ops({});
  const auto image = ops.input("image", {1, images.shape[1], images.shape[2], images.shape[3]});
  const auto views = ops.with_mirrored(view_affines(ops, RegionOptions{}));
  ops.output("views", ops.views(image, views, cut.at("size").get<int>()));
  const auto got = run_graph(ops.serialize(), {{"image", images}}).at("views");
  EXPECT_EQ(got.shape, expected.shape);
  EXPECT_THAT(got.values, Pointwise(FloatNear(1e-2f), expected.values)) << "of values up to 255";
}

TEST(Regions, KeepTheViewsThatAreAskedFor) {
  const RegionOptions fixed, some{.only = {4, 0, 2}};
  const auto all = known_views(fixed), kept = known_views(some);
  EXPECT_EQ(numbers(kept), numbers({all[4], all[0], all[2]}));
  EXPECT_THAT(view_names(some), ElementsAre("centre 90 %", "whole face", "top right"));
  EXPECT_THAT(view_names({.scheme = "landmark", .only = {3}}), ElementsAre("nose"));
  EXPECT_THAT(error_of([] { known_views({.only = {6}}); }), HasSubstr("expected 0 to 5, got 6"));
}

TEST(Regions, OfAnUnknownSchemeOrSizeAreErrors) {
  EXPECT_THAT(error_of([] { known_views({.scheme = "fixed9", .only = {}}); }),
              HasSubstr("fixed, fixed7, random"));
  EXPECT_THAT(error_of([] { known_views({.scale = 0, .only = {}}); }), HasSubstr("above 0, to 1.5"));
}

}  // namespace
}  // namespace regard
