#pragma once

#include <string>

#include "regard/core/image.h"

/// What the reports' pages share.
namespace regard {

/// The beginning of a page without outside references, up to its body: the title (made safe for HTML
/// already), and how things look.
std::string page_head(const std::string& title);

/// What eval/plots.h or eval/charts.h drew as a file of its own, on white.
std::string svg_file(const std::string& drawing);

/// An image as the address of an <img>: a PNG inside the page. Throws Error where it cannot be encoded.
std::string data_uri(const Image& image);

}  // namespace regard
