#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "regard/core/image.h"
#include "regard/http/message.h"
#include "regard/server/options.h"

namespace regard {

/// An image in a request, in its file format.
struct RequestImage {
  std::string name = {};        ///< as the client calls it; "image" if it does not
  std::string_view bytes = {};  ///< a view of the request's body
};

/// The images of a request: its body, named by ?file=..., or the parts of a form. Throws Error if it is no
/// form, has no image or more than `max_images`.
std::vector<RequestImage> images_of(const HttpRequest& request, const ServiceOptions& options);

/// Throws Error if the image is of none of the formats that are read.
void check_format(const RequestImage& image, const ServiceOptions& options);
/// Decodes an image in this process. Throws Error also if it is damaged or too large.
Image decode_here(const RequestImage& image, const ServiceOptions& options);

/// Throws Error if a format's name is unknown.
void check_format_names(const std::vector<std::string>& formats);

}  // namespace regard
