#include "train/loss/head_pose.h"

#include <limits>

#include "train/loss/golden_test.h"

/// The golden values come from tests/golden/phanet.py.
namespace regard {
namespace {

using namespace test;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
const std::vector<float> kYaws{-90, -45, 0, 45, 90};

at::Tensor truth() {
  std::vector<double> values;
  const auto rows = golden_loss("angles").at("truth");
  for (const auto& row : rows)
    for (const auto& angle : row) values.push_back(angle.is_null() ? kUnknown : angle.get<double>());
  return at::tensor(values, at::kDouble).view({-1, 3});
}

TEST(PoseLoss, EqualsTheGoldenValueAndGradient) {
  const auto golden = golden_loss("angles");
  const auto pose = tensor_of(golden.at("pose"));
  expect_golden(pose_angle_loss(pose, truth()), pose, golden);
}

TEST(YawClassLoss, EqualsTheGoldenValueAndGradient) {
  const auto golden = golden_loss("classes");
  const auto logits = tensor_of(golden.at("logits"));
  expect_golden(yaw_class_loss(logits, truth(), kYaws), logits, golden);
}

TEST(PoseLoss, FacesOfUnknownPoseHaveNoPart) {
  const auto unknown = at::full({2, 3}, kUnknown, at::kDouble);
  const auto pose = at::ones({2, 3}, at::kDouble).set_requires_grad(true);
  const auto logits = at::ones({2, 5}, at::kDouble).set_requires_grad(true);
  for (const auto& [loss, x] : {std::pair(pose_angle_loss(pose, unknown), pose),
                                std::pair(yaw_class_loss(logits, unknown, kYaws), logits)}) {
    EXPECT_EQ(loss.item<double>(), 0);
    EXPECT_EQ(torch::autograd::grad({loss}, {x})[0].abs().max().item<double>(), 0);
  }
}

}  // namespace
}  // namespace regard
