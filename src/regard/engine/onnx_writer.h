#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "regard/core/tensor.h"
#include "regard/model/onnx_messages.h"

namespace regard {

using OnnxAttribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>;
using OnnxAttributes = std::vector<std::pair<std::string, OnnxAttribute>>;

struct OnnxNode {
  std::string type, name;
  std::vector<std::string> inputs, outputs;
  OnnxAttributes attributes;
};

/// A tensor that is part of the graph; `bytes`: its elements, little-endian, row-major.
struct OnnxTensor {
  std::string name;
  onnx::DataType type;
  Shape shape;
  std::string bytes;
};

/// An input or output, f32. Its first axis is free: n, or n times `shape[0]`.
struct OnnxPort {
  std::string name;
  Shape shape;
};

/// An ONNX graph; every edge is the name of an input, a tensor or a node's output.
struct OnnxGraph {
  std::vector<OnnxNode> nodes;  ///< each behind those whose outputs it takes
  std::vector<OnnxTensor> tensors;
  std::vector<OnnxPort> inputs, outputs;
};

/// Removes nodes and tensors that no output needs.
void prune(OnnxGraph& graph);

/// The graph as the bytes of an ONNX file (opset 17), with `metadata` as its metadata_props. Throws Error if
/// it would not be below 2 GiB, the most that the format's readers take.
std::string write_onnx(const OnnxGraph& graph, const std::map<std::string, std::string>& metadata);

}  // namespace regard
