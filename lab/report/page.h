#pragma once

#include <string>

#include "regard/core/image.h"

/// What the reports' pages share.
namespace regard {

/// The beginning of a self-contained page, up to its body: the title (already escaped) and the styles.
std::string page_head(const std::string& title);

/// What lab/report/plots.h or lab/report/charts.h drew as a file of its own, on white.
std::string svg_file(const std::string& drawing);

/// An image as a data URI with a PNG. Throws Error if it cannot be encoded.
std::string data_uri(const Image& image);

}  // namespace regard
