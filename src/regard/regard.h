#pragma once

/// The one header to include: regard::Recognizer, regard::Explainer, regard::Face, regard::Image,
/// regard::read_image.

#include "regard/image/decode.h"
#include "regard/pipeline/explainer.h"
#include "regard/pipeline/recognizer.h"
