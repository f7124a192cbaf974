#pragma once

#include <string>

#include "lab/report/plots.h"
#include "regard/core/text.h"

/// What plots and charts are drawn with: SVG elements. `rest`: further attributes.
namespace regard::svg {

/// A coordinate.
inline std::string number(double value) {
  return fixed(value, 1);
}

inline std::string rect(double x, double y, double width, double height, const std::string& rest) {
  return "<rect x='" + number(x) + "' y='" + number(y) + "' width='" + number(width) + "' height='" +
         number(height) + "' " + rest + "/>";
}

inline std::string line(double x1, double y1, double x2, double y2, const std::string& rest) {
  return "<line x1='" + number(x1) + "' y1='" + number(y1) + "' x2='" + number(x2) + "' y2='" + number(y2) +
         "' " + rest + "/>";
}

inline std::string text(double x, double y, const std::string& words, const std::string& rest) {
  return "<text x='" + number(x) + "' y='" + number(y) + "' " + rest + ">" + escape_html(words) + "</text>";
}

/// The whole drawing. `attributes`: further ones of its own, e.g. a class.
inline std::string drawing(double width, double height, const std::string& title, const std::string& body,
                           const std::string& attributes = "") {
  return "<svg " + attributes + "viewBox='0 0 " + number(width) + " " + number(height) +
         "' role='img'><title>" + escape_html(title) + "</title>" + body + "</svg>";
}

}  // namespace regard::svg
