#pragma once

#include <string>

#include "regard/core/error.h"

namespace regard {

/// Of a libheif whose decoders are packages of their own: which of them is missing.
Error missing_hevc_decoder(const std::string& where);

/// Gives libheif a decoder for AV1 that is silent and bounded; once for the process.
void register_av1_decoder();

}  // namespace regard
