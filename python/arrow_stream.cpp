#include "arrow_stream.h"

#include <cerrno>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "regard/core/error.h"

// https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html, word for word.
extern "C" {
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};
struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema* out);
  int (*get_next)(ArrowArrayStream*, ArrowArray* out);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};
}

namespace regard::python {
namespace {

using Columns = std::vector<FaceColumn>;
using SharedColumns = std::shared_ptr<const Columns>;

constexpr const char* format_of(const std::vector<std::int32_t>&) {
  return "i";
}
constexpr const char* format_of(const std::vector<float>&) {
  return "f";
}
constexpr const char* format_of(const std::vector<std::string>&) {
  return "u";
}

/// A node of a schema or of an array, with all that its C struct points to.
template <class CStruct>
struct Node {
  std::string name;
  std::vector<CStruct> children;
  std::vector<CStruct*> pointers;
  SharedColumns columns;
  std::vector<std::int32_t> offsets;
  std::string text;
  std::vector<const void*> buffers;

  /// Makes room for `count` children, which are then filled in.
  CStruct** make_children(std::size_t count) {
    children.resize(count);
    for (auto& child : children) pointers.push_back(&child);
    return pointers.data();
  }
};

/// The callback `release`: what a reader has not taken over (and so has marked as released) goes with it.
template <class CStruct>
void release(CStruct* it) {
  auto* node = static_cast<Node<CStruct>*>(it->private_data);
  for (auto& child : node->children)
    if (child.release) child.release(&child);
  delete node;
  it->release = nullptr;
}

template <class CStruct>
Node<CStruct>& own_node(CStruct& it) {
  it = {};
  it.private_data = new Node<CStruct>;
  it.release = release<CStruct>;
  return *static_cast<Node<CStruct>*>(it.private_data);
}

void fill(ArrowSchema& schema, const char* format, const std::string& name) {
  auto& node = own_node(schema);
  node.name = name;
  schema.format = format;
  schema.name = node.name.c_str();
}

void fill(ArrowSchema& schema, const Columns& columns) {
  fill(schema, "+s", "");
  auto& node = *static_cast<Node<ArrowSchema>*>(schema.private_data);
  schema.n_children = static_cast<std::int64_t>(columns.size());
  schema.children = node.make_children(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i)
    std::visit([&](const auto& values) { fill(node.children[i], format_of(values), columns[i].name); },
               columns[i].values);
}

template <class Number>
void add_buffers(Node<ArrowArray>& node, const std::vector<Number>& values) {
  node.buffers.push_back(values.data());
}

void add_buffers(Node<ArrowArray>& node, const std::vector<std::string>& values) {
  node.offsets.reserve(values.size() + 1);
  node.offsets.push_back(0);
  for (const auto& value : values) {
    node.text += value;
    if (!std::in_range<std::int32_t>(node.text.size()))
      throw Error("table is too large for Arrow", {}, "2 GB of text in a column at most");
    node.offsets.push_back(static_cast<std::int32_t>(node.text.size()));
  }
  node.buffers.push_back(node.offsets.data());
  node.buffers.push_back(node.text.data());
}

/// The first buffer of an array says which values are missing: none.
Node<ArrowArray>& fill(ArrowArray& array, std::size_t length) {
  auto& node = own_node(array);
  node.buffers.push_back(nullptr);
  array.length = static_cast<std::int64_t>(length);
  return node;
}

void set_buffers(ArrowArray& array, Node<ArrowArray>& node) {
  array.n_buffers = static_cast<std::int64_t>(node.buffers.size());
  array.buffers = node.buffers.data();
}

/// Each child keeps the columns, since a reader may move it out of its parent.
void fill(ArrowArray& array, const SharedColumns& columns, const FaceColumn& column) {
  std::visit(
      [&](const auto& values) {
        auto& node = fill(array, values.size());
        node.columns = columns;
        add_buffers(node, values);
        set_buffers(array, node);
      },
      column.values);
}

void fill(ArrowArray& array, const SharedColumns& columns) {
  const auto rows = std::visit([](const auto& values) { return values.size(); }, columns->front().values);
  auto& node = fill(array, rows);
  set_buffers(array, node);
  array.n_children = static_cast<std::int64_t>(columns->size());
  array.children = node.make_children(columns->size());
  for (std::size_t i = 0; i < columns->size(); ++i) fill(node.children[i], columns, (*columns)[i]);
}

/// What a stream holds: the batch that is still to come, and the last error.
struct Stream {
  SharedColumns columns;
  bool done = false;
  std::string error = {};
};

/// Runs a callback; an exception becomes its error code.
template <class Out, class Work>
int guarded(ArrowArrayStream* stream, Out* out, Work work) {
  auto& state = *static_cast<Stream*>(stream->private_data);
  try {
    *out = {};
    work(state);
    return 0;
  } catch (const std::exception& error) {
    if (out->release) out->release(out);
    state.error = error.what();
    return EIO;
  }
}

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  return guarded(stream, out, [&](Stream& state) { fill(*out, *state.columns); });
}

/// A batch without `release` is the end.
int get_next(ArrowArrayStream* stream, ArrowArray* out) {
  return guarded(stream, out, [&](Stream& state) {
    if (!std::exchange(state.done, true)) fill(*out, state.columns);
  });
}

const char* get_last_error(ArrowArrayStream* stream) {
  const auto& error = static_cast<Stream*>(stream->private_data)->error;
  return error.empty() ? nullptr : error.c_str();
}

void release_stream(ArrowArrayStream* stream) {
  delete static_cast<Stream*>(stream->private_data);
  stream->release = nullptr;
}

}  // namespace

void* make_arrow_stream(std::shared_ptr<const std::vector<FaceColumn>> columns) {
  return new ArrowArrayStream{get_schema, get_next, get_last_error, release_stream,
                              new Stream{.columns = std::move(columns)}};
}

void release_arrow_stream(void* pointer) noexcept {
  auto* stream = static_cast<ArrowArrayStream*>(pointer);
  if (stream->release) stream->release(stream);
  delete stream;
}

}  // namespace regard::python
