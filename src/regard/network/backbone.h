#pragma once

#include <array>
#include <string>

#include "regard/core/error.h"
#include "regard/network/mobilenet.h"
#include "regard/network/resnet.h"
#include "regard/network/vgg.h"

/// The table of backbones: the one place where a backbone's name becomes its function.
namespace regard {

template <class Ops>
struct Backbone {
  const char* name;
  Value<Ops> (*features)(Ops& ops, Value<Ops> image);
};

template <class Ops>
inline constexpr std::array<Backbone<Ops>, 3> kBackbones{
    {{"mobilenet_v1", mobilenet_v1<Ops>}, {"resnet18", resnet18<Ops>}, {"vgg16", vgg16<Ops>}}};

/// The backbone of the given name: image [n, 3, h, w], normalised -> features [n, d]. Throws Error for a name
/// that is none.
template <class Ops>
Value<Ops> backbone(Ops& ops, const std::string& name, Value<Ops> image) {
  std::string names;
  for (const auto& row : kBackbones<Ops>) {
    if (name == row.name) return row.features(ops, image);
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error("unknown backbone", name, names);
}

}  // namespace regard
