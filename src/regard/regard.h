#pragma once

/// The one header to include: regard::Recognizer, regard::Explainer, regard::Face, regard::Image,
/// regard::read_picture.

#include "regard/explainer.h"
#include "regard/face/picture.h"
#include "regard/recognizer.h"
