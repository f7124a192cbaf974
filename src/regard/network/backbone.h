#pragma once

#include <string>

#include "regard/core/error.h"
#include "regard/network/mobilenet.h"

namespace regard {

/// The backbone of the given name: image [n, 3, h, w], normalised -> features [n, d]. Throws Error for a name
/// that is none.
template <class Ops>
Value<Ops> backbone(Ops& ops, const std::string& name, Value<Ops> image) {
  if (name == "mobilenet_v1") return mobilenet_v1(ops, image);
  throw Error("unknown backbone", name, "mobilenet_v1");
}

}  // namespace regard
