#pragma once

#include <span>
#include <string>

#include "regard/core/image.h"
#include "regard/pipeline/face.h"

namespace regard {

/// The image with the box, the expression and its certainty of every face. Lines and letters are sized for
/// the image and its faces; labels stay inside the image and do not overlap if there is room. Images with a
/// side below 400 pixels are enlarged by a whole number so that the text is legible, as long as the longer
/// side stays within 4096 pixels.
Image draw_faces(ImageView image, std::span<const Face> faces);

/// The same with a text before each expression, such as a person's number; one for each face, which may be
/// empty.
Image draw_people(ImageView image, std::span<const Face> faces, std::span<const std::string> who);

}  // namespace regard
