#pragma once

#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "regard/engine/onnx_writer.h"

namespace regard {

/// Builds an ONNX graph. Nodes and tensors get unique names derived from a hint: "relu6", "relu6_2", ...
/// Members return the name of an edge, which other nodes use as input.
class GraphBuilder {
 public:
  using Names = std::vector<std::string>;
  using Integers = std::vector<std::int64_t>;

  /// Declares an input, whose name must be new.
  std::string input(const std::string& name, const Shape& shape);

  /// Declares an output. Throws Error if an input or a tensor has its name.
  void output(const std::string& name, const std::string& edge, const Shape& shape);

  /// A node with one output.
  std::string edge(const std::string& type, const Names& inputs, const std::string& hint,
                   OnnxAttributes attributes = {});

  /// A node with several outputs.
  Names edges(const std::string& type, const Names& inputs, const std::string& hint, int outputs,
              OnnxAttributes attributes = {});

  /// Floats or 64-bit integers; `hint` becomes the name where that is free.
  template <class T>
  std::string tensor(const std::string& hint, const Shape& shape, const std::vector<T>& values) {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, std::int64_t>);
    constexpr auto type = std::is_same_v<T, float> ? onnx::DataType::f32 : onnx::DataType::i64;
    const auto name = fresh(values_, hint);
    const std::string bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    graph_.tensors.push_back({name, type, shape, bytes});
    return name;
  }

  std::string scalar(float value, const std::string& hint) { return tensor<float>(hint, {}, {value}); }

  /// A list of integers.
  std::string list(const Integers& values, const std::string& hint) {
    return tensor(hint, {static_cast<std::int64_t>(values.size())}, values);
  }

  std::string reshape(const std::string& x, const Integers& shape);
  std::string transpose(const std::string& x, const Integers& axes);
  std::string concat(const Names& parts, std::int64_t axis, const std::string& hint);

  /// Over one axis, which stays with length 1.
  std::string sum(const std::string& x, std::int64_t axis, const std::string& hint);

  /// Over axes, which go.
  std::string mean(const std::string& x, const Integers& axes, const std::string& hint);

  /// [n, m, ...] -> [n, rows, ...].
  std::string rows(const std::string& x, const Integers& rows);

  /// From `begin` up to but not including `end` along one axis.
  std::string slice(const std::string& x, std::int64_t axis, std::int64_t begin, std::int64_t end,
                    std::int64_t step = 1);

  const OnnxGraph& graph() const { return graph_; }

 private:
  using Uses = std::map<std::string, int>;  // number of uses of a name

  static std::string fresh(Uses& uses, const std::string& hint);

  OnnxGraph graph_;
  Uses values_;  // inputs, outputs and tensors; no other edge can have their names, for those end in ":0"
  Uses nodes_;
};

}  // namespace regard
