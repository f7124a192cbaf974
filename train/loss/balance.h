#pragma once

#include <array>

#include "train/loss/label_distribution.h"

/// Cross-entropy losses for imbalanced classes. priors: class frequencies in the training targets, [classes],
/// summing to 1.
namespace regard {

/// Keeps the logarithm and the weight finite for classes that never occur, which have no part in any loss.
inline constexpr double kSmallestPrior = 1e-12;

/// Each class is weighted by the inverse of its frequency, so that all contribute equally: the mean over the
/// batch of
///
///     -sum_y t_y / (K pi_y) log softmax(logits)_y
///
/// logits, targets: [n, classes] -> [].
inline at::Tensor class_weighted_loss(const at::Tensor& logits, const at::Tensor& targets,
                                      const at::Tensor& priors) {
  const auto weights = 1 / (static_cast<double>(priors.size(0)) * priors.clamp_min(kSmallestPrior));
  return -(targets * weights.to(logits.scalar_type()) * at::log_softmax(logits, 1)).sum(1).mean();
}

/// Logit-adjusted softmax cross-entropy (Menon et al., ICLR 2021, eq. 10): of logits + tau log priors, so
/// that with tau = 1 the logits themselves are those of equally frequent classes. logits, targets: [n,
/// classes] -> [].
inline at::Tensor logit_adjusted_loss(const at::Tensor& logits, const at::Tensor& targets,
                                      const at::Tensor& priors, double tau) {
  const auto adjustment = tau * priors.clamp_min(kSmallestPrior).log();
  return label_distribution_loss(logits + adjustment.to(logits.scalar_type()), targets);
}

/// A row of the table of balances: LossOptions::balance.
struct Balance {
  const char* name;
  at::Tensor (*loss)(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& priors,
                     double tau);
  /// The class frequencies, up to a factor, that the trained outputs assume.
  at::Tensor (*assumed)(const at::Tensor& priors, double tau);
};

inline const std::array kBalanceTable{
    Balance{"none",
            [](const at::Tensor& logits, const at::Tensor& targets, const at::Tensor&, double) {
              return label_distribution_loss(logits, targets);
            },
            [](const at::Tensor& priors, double) { return priors; }},
    Balance{"class_weights",
            [](const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& priors, double) {
              return class_weighted_loss(logits, targets, priors);
            },
            [](const at::Tensor& priors, double) { return at::ones_like(priors); }},
    Balance{"logit_adjusted", logit_adjusted_loss, [](const at::Tensor& priors, double tau) {
              return priors.clamp_min(kSmallestPrior).pow(1 - tau);
            }}};

}  // namespace regard
