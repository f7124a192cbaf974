#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "regard/engine/onnx_writer.h"
#include "regard/model/model.h"
#include "regard/ops/spec.h"

namespace regard {

/// An edge of a graph.
struct GraphValue {
  std::string name;
  Shape shape;  ///< of one face
};

/// Ops that write one ONNX graph (opset 17): what `regard export` saves and the engine compiles. Shapes,
/// checks and the list of parameters come from SpecOps, which also documents the contract of the ops; the
/// first axis of every input is free. Dropout does not appear in the graph.
class GraphOps {
 public:
  using Value = GraphValue;

  /// `weights` must outlive the ops. Every op with parameters throws Error if they are missing or have
  /// another shape. `training_outputs`: names of those that the graph shall have, too.
  explicit GraphOps(const Weights& weights, std::set<std::string> training_outputs = {});
  ~GraphOps();
  GraphOps(GraphOps&&) noexcept;
  GraphOps& operator=(GraphOps&&) noexcept;

  /// An input other than chips, e.g. affines; `shape` is that of one face.
  Value input(const std::string& name, const Shape& shape);

  Value chip(int size);
  Value constant(const Shape& shape, const std::vector<float>& values);
  Value normalize(const Value& x, const NormalizeOptions& options);
  Value luma(const Value& x);
  Value views(const Value& chip, const Value& affines, int size);
  Value regions(const Value& map, const Value& affines, int size) { return views(map, affines, size); }
  Value random_regions(const RandomRegions& options);
  /// The graph's input "landmarks".
  Value landmarks();
  Value squares_around(const Value& points, float half_side);
  Value squares_within(const Value& x, float smallest, float largest);
  Value compose(const Value& outer, const Value& inner);
  Value soft_argmax(const Value& x);
  Value with_mirrored(const Value& affines);
  Value conv2d(const std::string& name, const Value& x, const Conv2dOptions& options);
  Value batch_norm(const std::string& name, const Value& x, Activation activation = Activation::none,
                   float epsilon = 1e-3f);
  Value relu(const Value& x);
  Value relu6(const Value& x);
  Value prelu(const std::string& name, const Value& x);
  Value sigmoid(const Value& x);
  Value softmax(const Value& x);
  Value dropout(const Value& x, float probability);
  Value global_average_pool(const Value& x);
  Value max_pool(const Value& x, int kernel, int stride, int padding = 0);
  Value flatten(const Value& x);
  Value add(const Value& a, const Value& b);
  Value linear(const std::string& name, const Value& x, int out, bool bias = true,
               Initializer initializer = Initializer::fan_in);
  Value classifier(const std::string& name, const Value& x, int classes) { return linear(name, x, classes); }
  Value split_views(const Value& x, int views);
  Value mean_of_views(const Value& x);
  Value normalized_weights(const Value& weights);
  Value weighted_mean(const Value& x, const Value& weights);
  Value append_to_views(const Value& x, const Value& y);
  Value concat_views(const Value& x);
  Value join_views(const std::vector<Value>& parts);
  Value concat(const std::vector<Value>& parts);
  Value pick_view(const Value& x, int view);
  Value keep_views(const Value& x, const std::vector<int>& views);
  Value drop_views(const Value& weights, float probability);
  Value roll_over_batch(const Value& x);
  Value keep_largest(const Value& weights, int count);
  Value stop_gradient(const Value& x) { return x; }
  Value squeeze(const Value& x);
  Value multiply(const Value& a, const Value& b);
  Value log(const Value& x);
  Value scale(const Value& x, float factor);
  void output(const std::string& name, const Value& x);
  void training_output(const std::string& name, const Value& x);

  template <class Part>
  auto again(Part&& part) {
    return spec().again(part);
  }

  template <class Part>
  auto within(const std::string& scope, Part&& part) {
    return spec().within(scope, part);
  }

  const std::vector<ParameterSpec>& parameters() const;

  /// The graph, without what no output needs.
  OnnxGraph graph() const;

  /// The graph as the bytes of an ONNX file, with `metadata` as its metadata_props.
  std::string serialize(const std::map<std::string, std::string>& metadata = {}) const;

 private:
  /// Keeps track of all names and scopes so far.
  SpecOps& spec();

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The arithmetic of a graph's convolutions.
enum class Arithmetic { floats, integers };

/// A whole model as a graph: see onnx_model.
OnnxGraph onnx_graph(const Model& model, const std::set<std::string>& training_outputs = {},
                     Arithmetic arithmetic = Arithmetic::floats);

/// A whole model as the bytes of an ONNX file: input chip [n, 3, size, size], RGB, 0 to 255; outputs logits
/// and probabilities, [n, classes]. Its metadata_props tell the model's name, labels (a JSON list), chip size
/// and landmarks, licence and source. `training_outputs`: see GraphOps. `integers`: convolutions in 8 bits,
/// as pairs of QuantizeLinear and DequantizeLinear, and the temperature of that. Throws Error if the weights
/// are not those of the network, if its classifier is untrained, and for integers if it is not quantized.
std::string onnx_model(const Model& model, const std::set<std::string>& training_outputs = {},
                       Arithmetic arithmetic = Arithmetic::floats);

}  // namespace regard
