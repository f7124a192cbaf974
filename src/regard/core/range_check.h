#pragma once

#include <string>

#include "regard/core/error.h"

namespace regard {

/// Throws Error, naming the option, unless its number is in range. `range`: in words, "1 or more".
template <class Number>
void check_range(bool in_range, const std::string& option, const std::string& range, Number value) {
  if (!in_range) throw Error("number is out of range", option, range, std::to_string(value));
}

}  // namespace regard
