#pragma once

#include <string>

#include "regard/clip/identities.h"
#include "regard/pipeline/face.h"

/// The results as Python shows them at the prompt.
namespace regard::python {

/// "FaceView('nose', weight=0.24)".
std::string repr(const FaceView& view);
/// "Face('happiness', probability=0.98, box=(178.6, 64.3, 86.8, 109.3), score=0.93, ...)": the fields that
/// the table of `regard recognize` shows, too.
std::string repr(const Face& face);
/// "PersonFace('happiness', probability=0.98, face_id=1, box=...)".
std::string repr(const PersonFace& face);
/// "Frame(frame=12, timestamp=0.440, [PersonFace(...)])".
std::string repr(const ClipFrame& frame);
/// "Faces('a.png', width=512, height=512, [Face(...)])".
std::string repr(const ImageFaces& image);

}  // namespace regard::python
