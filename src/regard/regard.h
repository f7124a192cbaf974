#pragma once

/// The one header to include: regard::Recognizer, regard::Face, regard::Image, regard::read_picture.

#include "regard/face/picture.h"
#include "regard/recognizer.h"
