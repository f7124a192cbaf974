#include "regard/http/multipart.h"

#include "regard/core/error.h"
#include "regard/http/message.h"

namespace regard {
namespace {

constexpr std::size_t kLongestPartHeader = 4096;
constexpr const char* kForm = "form";  // names the body in messages

std::string boundary_of(std::string_view content_type) {
  const auto boundary = parameter_of(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70)
    throw Error("boundary is missing", "Content-Type", "multipart/form-data; boundary=1 to 70 characters",
                std::string(content_type));
  return *boundary;
}

/// Takes the text up to the next `end`, which is dropped.
std::string_view take_until(std::string_view& text, std::string_view end) {
  const auto at = text.find(end);
  if (at == text.npos) throw Error("body is cut short", kForm, "a last line with the boundary and --");
  const auto taken = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return taken;
}

void read_part_header(std::string_view header, FormPart& part) {
  HttpFields fields;
  while (!header.empty()) {
    const auto line = header.substr(0, header.find("\r\n"));
    header.remove_prefix(std::min(header.size(), line.size() + 2));
    const auto colon = line.find(':');
    if (colon == line.npos) throw Error("part has a header line without colon", kForm);
    fields.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  const auto disposition = field_of(fields, "Content-Disposition").value_or(std::string_view());
  const auto name = parameter_of(disposition, "name");
  if (media_type(disposition) != "form-data" || !name)
    throw Error("part has no name", kForm, "Content-Disposition: form-data; name=...");
  part.name = *name;
  part.file = parameter_of(disposition, "filename").value_or("");
  part.type = media_type(field_of(fields, "Content-Type").value_or(std::string_view()));
}

FormPart take_part(std::string_view& rest, std::string_view delimiter) {
  FormPart part;
  if (rest.starts_with("\r\n"))
    throw Error("part has no name", kForm, "Content-Disposition: form-data; name=...");
  const auto header = take_until(rest, "\r\n\r\n");
  if (header.size() > kLongestPartHeader)
    throw Error("part has a long header", kForm, std::to_string(kLongestPartHeader) + " bytes at most",
                std::to_string(header.size()));
  read_part_header(header, part);
  part.bytes = take_until(rest, delimiter);
  return part;
}

}  // namespace

std::vector<FormPart> parse_form(std::string_view body, std::string_view content_type, std::size_t most) {
  const std::string delimiter = "\r\n--" + boundary_of(content_type);
  const std::string_view first = std::string_view(delimiter).substr(2);
  if (!body.starts_with(first))
    throw Error("body does not begin with the boundary", kForm, std::string(first));
  body.remove_prefix(first.size());
  std::vector<FormPart> parts;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n"))
      throw Error("boundary is followed by something else", kForm, "a line end or --");
    body.remove_prefix(2);
    if (parts.size() == most) throw Error("has too many parts", kForm, std::to_string(most) + " at most");
    parts.push_back(take_part(body, delimiter));
  }
  return parts;
}

}  // namespace regard
