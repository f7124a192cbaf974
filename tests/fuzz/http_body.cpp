// Bodies of requests, without the parser of their headers: the first byte says which kind. Each ends with a
// result or a regard::Error, and what is found in a form lies in its body.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "regard/core/error.h"
#include "regard/http/multipart.h"
#include "regard/server/request_images.h"
#include "regard/server/tensors.h"

namespace {

using regard::HttpRequest;

constexpr std::string_view kForm = "multipart/form-data; boundary=b";

void read_form(const std::string& body) {
  for (const auto& part : regard::parse_form(body, kForm, 16))
    if (!part.bytes.empty() && (part.bytes.data() < body.data() ||
                                part.bytes.data() + part.bytes.size() > body.data() + body.size()))
      std::abort();
}

/// The first line is the header field, the rest the body.
void read_form_of_any_type(const std::string& text) {
  const auto end = text.find('\n');
  if (end == text.npos) return;
  regard::images_of({.fields = {{"Content-Type", "multipart/form-data;" + text.substr(0, end)}},
                     .body = text.substr(end + 1)},
                    {});
}

void infer(const std::string& body, std::string header_length) {
  HttpRequest request{.body = body};
  if (!header_length.empty())
    request.fields = {{"Inference-Header-Content-Length", std::move(header_length)}};
  const auto parsed = regard::parse_infer_request(request);
  for (const auto& tensor : parsed.inputs)
    if (tensor.bytes.size() > body.size() * sizeof(float)) std::abort();
  regard::infer_answer(parsed, "model", parsed.inputs);
}

/// The first line is the length of the header, the rest the body.
void infer_binary(const std::string& text) {
  const auto end = text.find('\n');
  if (end != text.npos) infer(text.substr(end + 1), text.substr(0, end));
}

void read_query(const std::string& text) {
  const HttpRequest request{.query = text};
  request.asked("file");
  regard::media_type(text);
  regard::parameter_of(text, "boundary");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0]) {
      case 'f':
        read_form(text);
        break;
      case 't':
        read_form_of_any_type(text);
        break;
      case 'j':
        infer(text, "");
        break;
      case 'b':
        infer_binary(text);
        break;
      case 'q':
        read_query(text);
        break;
      default:
        break;
    }
  } catch (const regard::Error&) {
    // what a wrong body is to end in
  }
  return 0;
}
