#pragma once

#include <string>

#include "regard/core/file.h"
#include "regard/core/options.h"
#include "regard/model/weights.h"

namespace regard::test {

/// What tests/golden/NAME.py has written.
inline Json golden(const std::string& name) {
  return Json::parse(read_text(std::string(REGARD_SOURCE_DIR) + "/tests/golden/" + name + ".json"));
}

/// {"shape": ..., "values": ...} of such a file.
inline Weight golden_tensor(const Json& json) {
  return {json.at("shape").get<Shape>(), json.at("values").get<std::vector<float>>()};
}

}  // namespace regard::test
