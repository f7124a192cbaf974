#include "lab/timing/network_times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/network/plain.h"
#include "tests/support.h"

namespace regard {
namespace {

double multiply_adds(const NamedNetwork& named) {
  return static_cast<double>(describe_network(named.network).multiply_adds());
}

TEST(NetworkTimes, ComparedNetworksSeeTheFaceAlikeAndOnce) {
  const NetworkConfig plain{"plain",
                            {{"backbone", "resnet18"},
                             {"input_size", 96},
                             {"flip_tta", true},
                             {"zooms", {.9f, 1.1f}},
                             {"normalize", {{"grey", true}}}}};
  const NetworkConfig ran{
      "ran", {{"views", {{"backbone", "resnet18"}, {"input_size", 96}, {"normalize", {{"grey", true}}}}}}};
  const auto networks = networks_to_compare(plain);
  ASSERT_EQ(networks.size(), 4u);
  EXPECT_NEAR(multiply_adds(networks[1]) / multiply_adds(networks[0]), 6, .01);
  EXPECT_NEAR(multiply_adds(networks[3]) / multiply_adds(networks[0]), 3, .1);
  PlainOptions once;
  from_json(networks[0].network.options, once, "options");
  EXPECT_EQ(once.input_size, 96);
  EXPECT_TRUE(once.normalize.grey && !once.flip_tta && once.zooms == std::vector{1.f});
  const auto of_ran = networks_to_compare(ran);
  for (std::size_t i = 0; i < networks.size(); ++i)
    EXPECT_EQ(of_ran[i].network.options, networks[i].network.options) << i;
  EXPECT_EQ(networks_to_compare({"plain", {{"backbone", "vgg16"}}}).size(), 4u);
}

/// What a network costs is measured by `regard bench`; that it can be cheap is seen without a clock.
TEST(NetworkTimes, RegionsOfOneMapCostLessThanHalfAPassMore) {
  const auto networks = networks_to_compare({});
  EXPECT_LT(multiply_adds(networks[2]) / multiply_adds(networks[0]), 1.5);
}

TEST(NetworkTimes, AreOfEveryNetworkBesideTheFirst) {
  auto networks = networks_to_compare({"plain", {{"input_size", 64}}, 32});
  networks.back() = networks[0];
  const auto times = measure_networks(networks, {.threads = 1}, {1, 2}, 5);
  ASSERT_EQ(times.size(), 8u);
  EXPECT_EQ(times[4].name, "plain");
  EXPECT_EQ(times[4].chips, 2);
  EXPECT_EQ(times[4].ratio, 1);
  EXPECT_EQ(times[6].name, "ran-shared");
  for (const auto& time : times) EXPECT_GT(time.milliseconds, 0);
  EXPECT_GT(times[5].ratio, times[7].ratio) << "six passes take longer than one";
  EXPECT_THAT(test::error_of([&] {
                measure_networks(networks, {}, {1, 0}, 3);
              }),
              testing::HasSubstr("batch: number is out of range; expected 1 or more, got 0"));
  EXPECT_THAT(test::error_of([&] { measure_networks(networks, {}, {2}, 0); }),
              testing::HasSubstr("runs: number is out of range; expected 1 or more, got 0"));
  EXPECT_THAT(test::error_of([&] { measure_networks({}, {}, {2}, 3); }),
              testing::HasSubstr("there are no networks to measure"));
}

}  // namespace
}  // namespace regard
