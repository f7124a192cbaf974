#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "regard/core/json.h"
#include "regard/http/message.h"

/// Requests and answers of the Open Inference Protocol, version 2, over REST, with its extension for binary
/// tensors.
namespace regard {

/// A tensor: its bytes in row-major order, little endian; of BYTES its elements instead.
struct InferTensor {
  std::string name = {};
  std::string datatype = {};  ///< UINT8, FP32 or BYTES
  std::vector<std::int64_t> shape = {};
  std::string bytes = {};
  std::vector<std::string> texts = {};  ///< of BYTES
};

/// What a tensor is called and what it holds; -1 in the shape: any number.
struct TensorSpec {
  std::string name = {};
  std::string datatype = {};
  std::vector<std::int64_t> shape = {};
};

struct InferRequest {
  /// An output that the client wants, and how.
  struct Output {
    std::string name = {};
    bool binary = false;
  };

  std::string id = {};
  std::vector<InferTensor> inputs = {};
  std::vector<Output> outputs = {};  ///< none: all
  bool binary = false;               ///< the outputs, unless they say otherwise
};

/// Elements of a shape. Throws Error for a negative number and for more than 2^31 elements; `where` names it.
std::size_t element_count(const std::vector<std::int64_t>& shape, const std::string& where);

/// The request for inference in a body. In JSON, the elements of BYTES are base64, since images are no text.
/// Throws Error for anything that is not as the protocol says: sizes that differ from the shape, bytes that
/// are left over, ...
InferRequest parse_infer_request(const HttpRequest& request);

/// Throws Error unless a tensor is as specified.
void check_tensor(const InferTensor& tensor, const TensorSpec& spec);

/// The answer with the outputs that are wanted. Throws Error if there is no such output.
HttpAnswer infer_answer(const InferRequest& request, const std::string& model,
                        const std::vector<InferTensor>& outputs);

/// RFC 4648, with padding. Throws Error for anything else; `where` names the text.
std::string base64_decoded(std::string_view text, const std::string& where);

}  // namespace regard
