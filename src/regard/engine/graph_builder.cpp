#include "regard/engine/graph_builder.h"

#include <bit>
#include <utility>

#include "regard/core/error.h"

namespace regard {

static_assert(std::endian::native == std::endian::little, "ONNX stores tensors in little-endian order");

std::string GraphBuilder::fresh(Uses& uses, const std::string& hint) {
  const int use = ++uses[hint];
  return use == 1 ? hint : fresh(uses, hint + "_" + std::to_string(use));
}

std::string GraphBuilder::input(const std::string& name, const Shape& shape) {
  if (fresh(values_, name) != name) throw Error("input has the name of another or of a tensor", name);
  graph_.inputs.push_back({name, shape});
  return name;
}

void GraphBuilder::output(const std::string& name, const std::string& edge, const Shape& shape) {
  if (fresh(values_, name) != name) throw Error("output has the name of an input or a constant", name);
  graph_.nodes.push_back({"Identity", fresh(nodes_, name), {edge}, {name}, {}});
  graph_.outputs.push_back({name, shape});
}

std::string GraphBuilder::edge(const std::string& type, const Names& inputs, const std::string& hint,
                               OnnxAttributes attributes) {
  return edges(type, inputs, hint, 1, std::move(attributes)).front();
}

GraphBuilder::Names GraphBuilder::edges(const std::string& type, const Names& inputs, const std::string& hint,
                                        int outputs, OnnxAttributes attributes) {
  const auto name = fresh(nodes_, hint);
  Names names;
  for (int i = 0; i < outputs; ++i) names.push_back(name + ":" + std::to_string(i));
  graph_.nodes.push_back({type, name, inputs, names, std::move(attributes)});
  return names;
}

std::string GraphBuilder::reshape(const std::string& x, const Integers& shape) {
  return edge("Reshape", {x, list(shape, "shape")}, "reshape");
}

std::string GraphBuilder::transpose(const std::string& x, const Integers& axes) {
  return edge("Transpose", {x}, "transpose", {{"perm", axes}});
}

std::string GraphBuilder::concat(const Names& parts, std::int64_t axis, const std::string& hint) {
  return edge("Concat", parts, hint, {{"axis", axis}});
}

std::string GraphBuilder::sum(const std::string& x, std::int64_t axis, const std::string& hint) {
  return edge("ReduceSum", {x, list({axis}, "axes")}, hint);
}

std::string GraphBuilder::mean(const std::string& x, const Integers& axes, const std::string& hint) {
  return edge("ReduceMean", {x}, hint, {{"axes", axes}, {"keepdims", 0}});
}

std::string GraphBuilder::rows(const std::string& x, const Integers& rows) {
  return edge("Gather", {x, list(rows, "index")}, "rows", {{"axis", 1}});
}

std::string GraphBuilder::slice(const std::string& x, std::int64_t axis, std::int64_t begin, std::int64_t end,
                                std::int64_t step) {
  Names inputs{x, list({begin}, "begin"), list({end}, "end"), list({axis}, "axis")};
  if (step != 1) inputs.push_back(list({step}, "step"));
  return edge("Slice", inputs, "slice");
}

}  // namespace regard
