#pragma once

#include <string>

#include "regard/core/error.h"

namespace regard {

/// The missing decoder package of libheif.
Error missing_hevc_decoder(const std::string& where);

/// Registers a silent and bounded AV1 decoder with libheif; once per process.
void register_av1_decoder();

}  // namespace regard
