#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace regard {

/// A 95 % interval.
struct Interval {
  double low = 0;
  double high = 0;
};

/// Wilson's score interval of a proportion (Wilson, JASA 1927), 95 %. {0, 1} where `count` is 0.
Interval wilson_interval(std::int64_t successes, std::int64_t count);

/// Softmax of logits / temperature.
std::vector<double> softmax(std::span<const float> logits, double temperature);

/// Logits of n images [n, classes] beside their labels; owned by somebody else.
struct Scores {
  std::size_t classes = 0;
  std::span<const float> logits;
  std::span<const int> labels;  ///< 0 to classes - 1

  std::size_t count() const { return labels.size(); }
  std::span<const float> row(std::size_t i) const { return logits.subspan(i * classes, classes); }
};

/// 0 to `count` - 1: all rows of so many images.
std::vector<std::size_t> all_rows(std::size_t count);

/// One bar of a reliability diagram: the images whose top probability falls in it.
struct ReliabilityBin {
  std::int64_t count = 0;
  std::int64_t correct = 0;
  double confidence = 0;  ///< sum of the top probabilities
};

/// Accumulates metrics image by image; accumulators of different images can be merged. Ties are resolved in
/// favour of the first class.
class Metrics {
 public:
  static constexpr std::size_t kBins = 15;

  explicit Metrics(std::size_t classes);

  /// One image: its true label, and the probabilities of all classes. Throws Error for a label that is no
  /// class and another number of probabilities.
  void add(int label, std::span<const double> probabilities);

  /// Adds the images of `other`. Throws Error if its number of classes differs.
  void merge(const Metrics& other);

  std::size_t classes() const { return classes_; }
  std::int64_t count() const { return count_; }
  std::int64_t correct() const { return correct_; }

  /// In [0, 1]; NaN if the denominator is 0.
  double accuracy() const;
  Interval accuracy_interval() const { return wilson_interval(correct_, count_); }
  double recall(std::size_t label) const;
  double precision(std::size_t label) const;

  /// Number of images with this true label, and with this predicted label.
  std::int64_t support(std::size_t label) const;
  std::int64_t predicted(std::size_t label) const;
  Interval recall_interval(std::size_t label) const;
  Interval precision_interval(std::size_t label) const;

  /// Mean recall of the classes that occur as label: the accuracy if all classes were equally frequent.
  double balanced_accuracy() const;

  /// Mean of the classes' F1 = 2 true positives / (support + predicted), over the classes that occur as label
  /// or as prediction.
  double macro_f1() const;

  /// Images of true label `row` that were predicted as `column`.
  std::int64_t confusion(std::size_t row, std::size_t column) const {
    return confusion_[row * classes_ + column];
  }

  /// Expected calibration error over the top probabilities in 15 bins of equal width, open below (Guo et al.,
  /// ICML 2017, eq. 5).
  double calibration_error() const;
  const std::array<ReliabilityBin, kBins>& bins() const { return bins_; }

  /// Mean negative logarithm of the true label's probability.
  double log_loss() const;

 private:
  std::size_t classes_;
  std::int64_t count_ = 0, correct_ = 0;
  double log_loss_ = 0;
  std::vector<std::int64_t> confusion_;
  std::array<ReliabilityBin, kBins> bins_{};
};

/// Metrics of some of the images at one temperature for all.
Metrics measure(const Scores& scores, std::span<const std::size_t> rows, double temperature);

/// 95 % bootstrap intervals over the images, with a fixed seed.
struct BootstrapIntervals {
  Interval balanced_accuracy;  ///< percentiles
  Interval macro_f1;           ///< percentiles
  Interval log_loss;           ///< percentiles
  Interval calibration_error;  ///< basic bootstrap from 0 up, since resampling itself adds to this error
};
BootstrapIntervals bootstrap_intervals(const Scores& scores, std::span<const std::size_t> rows,
                                       double temperature, int resamples = 1000, std::uint64_t seed = 1);

/// The difference between two runs on the same images.
struct PairedDifference {
  double difference = 0;                         ///< accuracy of the second less that of the first
  Interval interval;                             ///< percentiles of a bootstrap over the images
  std::int64_t only_first = 0, only_second = 0;  ///< images that only one of them got right
};

/// first, second: whether each run got each image right, in the same order. Throws Error if they differ in
/// length or are empty.
PairedDifference paired_difference(const std::vector<bool>& first, const std::vector<bool>& second,
                                   int resamples = 10000, std::uint64_t seed = 1);

}  // namespace regard
