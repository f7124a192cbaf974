#pragma once

/// The one header to include, and the public list: what it reaches is installed, and nothing else
/// (cmake/Install.cmake).

#include "regard/image/decode.h"
#include "regard/pipeline/explainer.h"
#include "regard/pipeline/model_files.h"
#include "regard/pipeline/pipeline.h"
#include "regard/pipeline/recognizer.h"
