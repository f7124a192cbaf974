#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace regard {

/// A part of a multipart/form-data body (RFC 7578).
struct FormPart {
  std::string name = {};        ///< of the form's field
  std::string file = {};        ///< the file's name as the client gives it; empty if it gives none
  std::string type = {};        ///< its media type; empty if the part has none
  std::string_view bytes = {};  ///< a view of the body
};

/// The parts of a body with this Content-Type. Throws Error if the body is no complete form, or if it has
/// more than `most` parts or a part whose header is longer than 4 kB.
std::vector<FormPart> parse_form(std::string_view body, std::string_view content_type, std::size_t most);

}  // namespace regard
