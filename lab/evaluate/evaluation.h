#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lab/metrics/by_pose.h"
#include "lab/metrics/metrics.h"
#include "lab/metrics/pose_invariance.h"
#include "lab/metrics/views.h"
#include "regard/core/geometry.h"
#include "regard/core/image.h"
#include "regard/core/labels.h"
#include "regard/core/options.h"
#include "regard/engine/engine.h"

namespace regard {

/// The images of a split that have a majority label, in the data set's order.
struct EvaluationSet {
  std::string dataset, split;
  std::vector<std::string> labels;  ///< the classes
  std::vector<std::string> names;
  std::vector<int> truth;  ///< index of each image's label
  std::vector<Image> chips;
  std::vector<std::optional<Landmarks>> landmarks;  ///< in fractions of the chip, where they are known
  std::vector<std::optional<HeadPose>> poses;       ///< where they are known

  std::size_t count() const { return names.size(); }
  /// Appends an image of another set with this label.
  void add(EvaluationSet& other, std::size_t row, int label);
};

/// `dataset`: a name from the table of data sets (lab/datasets/dataset.h); empty: the name in a packed file,
/// else "ferplus". `data`: its tree, a .zip of that, or a PackedDataset of it. `chip_size`: of chips cut from
/// a tree; a packed file has its own. Throws Error if it is none of these or lacks the split.
EvaluationSet load_evaluation_set(const std::string& dataset, const std::filesystem::path& data,
                                  const std::string& split, int chip_size);

/// The images whose labels are evaluated, with their labels mapped. Throws Error if none is left.
EvaluationSet keep_labels(EvaluationSet set, const LabelMatch& match);

/// Of logits [count, outputs of a model] those of the match's labels, in their order: [count, labels].
std::vector<float> select_outputs(std::span<const float> logits, std::size_t outputs,
                                  const LabelMatch& match);

/// A list of images (lab/datasets/lists.h) and its name in results.
struct SubsetList {
  std::string name;
  std::filesystem::path file;
};

/// How the logits were computed.
struct RunInfo {
  std::string model, model_hash, engine;
  double temperature = 1;
  bool fitted_here = false;           ///< the temperature was fitted on these images
  std::vector<std::string> settings;  ///< changed options of the network
  std::vector<std::string> views;     ///< names of the views that it weights; may be empty
  std::string training = {};          ///< training data: see training_words
};

/// Metrics of a set of images with bootstrap intervals.
struct MetricsResult {
  Metrics metrics;
  BootstrapIntervals intervals;
};

struct SubsetResult {
  std::string name;
  std::string list;        ///< the list's file
  std::size_t absent = 0;  ///< names in the list that are not among the images
  MetricsResult overall;
  std::vector<std::pair<std::string, Metrics>> types;  ///< by type of occlusion, if the list has types
};

/// The outputs of a network for every image.
struct SetPredictions {
  std::vector<float> logits;  ///< [count, classes]
  std::vector<float> poses;   ///< yaw, pitch, roll [count, 3]; empty where it tells none
  /// For networks that weight views: their weights [count, k] and, if the network finds the views itself,
  /// their places [count, k, 2, 3].
  std::vector<float> view_weights, places;
  /// Of a network with attention: both attentions multiplied, before they are made to sum to 1 [count, k].
  std::vector<float> attention = {};
  std::vector<float> features = {};  ///< [count, d], if the engine was asked for them
};

/// The difference in the recall of a label, on the images that have it.
struct RecallDifference {
  std::string label;
  std::size_t count = 0;  ///< images
  PairedDifference paired;
};

/// How the evaluated model compares with another on the same images; `only_first` counts the images that only
/// the other model classified correctly.
struct Comparison {
  RunInfo other;
  PairedDifference all;
  std::vector<std::pair<std::string, PairedDifference>> subsets;  ///< as Evaluation::subsets
  std::vector<RecallDifference> recalls;                          ///< of the labels that have images
};

/// A misclassified image.
struct Mistake {
  std::size_t index = 0;  ///< in the set
  int predicted = 0;
  double certainty = 0;  ///< probability of the predicted label
  double true_probability = 0;
};

struct Evaluation {
  std::string dataset, split;
  std::vector<std::string> labels;
  RunInfo run;
  MetricsResult overall;
  /// Calibration error if the temperature was fitted on these images: cross-fitted, since the plain one in
  /// `overall` is too low then.
  std::optional<double> cross_fitted_error;
  std::vector<SubsetResult> subsets;
  std::optional<ByPose> by_pose;   ///< where head poses are known
  std::optional<ViewStudy> views;  ///< of a network that weighs views
  std::vector<Mistake> mistakes;   ///< all of them, the most certain first
  std::optional<Comparison> against;
  std::optional<PoseInvariance> pose_invariance;  ///< if it was asked for

  /// The calibration error for reports: cross-fitted if the temperature was fitted on these images.
  double calibration_error() const {
    return cross_fitted_error.value_or(overall.metrics.calibration_error());
  }
};

/// The outputs of the model, run by the engine, for all images of a set; `on_part` is called after every
/// batch with the number of images done.
SetPredictions predictions_of(const Engine& engine, const Model& model, const EvaluationSet& set,
                              const std::function<void(std::size_t done)>& on_part);

inline constexpr int kFolds = 5;

/// Evaluates predictions for the images of a set. If the temperature was fitted on these images, the
/// calibration error is also cross-fitted in five folds. Throws Error if the predictions do not fit the set,
/// a list cannot be read or names none of its images, or two lists go by one name.
Evaluation evaluate(const EvaluationSet& set, const SetPredictions& predictions, const RunInfo& run,
                    std::span<const SubsetList> subsets = {});

/// Compares logits with those of another model, both [count, classes] of the set's images, on all of them
/// and on each list. Throws Error as evaluate() does.
Comparison compare(const EvaluationSet& set, std::span<const float> logits, std::span<const float> others,
                   const RunInfo& other, std::span<const SubsetList> subsets = {});

/// How little features [count, d] and accuracy depend on head pose (lab/metrics/pose_invariance.h). Throws
/// Error if the numbers do not fit the set, and if too few head poses are known.
PoseInvariance pose_invariance(const EvaluationSet& set, std::span<const float> logits,
                               std::span<const float> features);

/// Everything except the mistakes; undefined values (recall of a label without images) are null. "ece" is the
/// plain calibration error on these images; "ece_cross_fitted" is added if the temperature was fitted on
/// them.
Json to_json(const Evaluation& evaluation);

/// One line per image: name, label, predicted label, and the probability of every class.
std::string predictions_csv(const EvaluationSet& set, std::span<const float> logits, double temperature);

}  // namespace regard
