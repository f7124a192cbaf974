#pragma once

#include <array>
#include <string>

#include "regard/core/error.h"
#include "regard/network/mobilenet.h"
#include "regard/network/resnet.h"
#include "regard/network/sface.h"
#include "regard/network/vgg.h"

/// The table of backbones: the one place where a backbone's name becomes its function. A backbone is written
/// in two parts, so that regions can be cut out of the map of features between them.
namespace regard {

template <class Ops>
struct Backbone {
  const char* name;
  Value<Ops> (*stem)(Ops& ops, Value<Ops> image);
  Value<Ops> (*head)(Ops& ops, Value<Ops> map);
};

template <class Ops>
inline constexpr std::array<Backbone<Ops>, 4> kBackbones{
    {{"mobilenet_v1", mobilenet_v1_stem<Ops>, mobilenet_v1_head<Ops>},
     {"resnet18", resnet18_stem<Ops>, resnet18_head<Ops>},
     {"vgg16", vgg16_stem<Ops>, vgg16_head<Ops>},
     {"sface", sface_stem<Ops>, sface_head<Ops>}}};

/// Throws Error for a name that is none.
template <class Ops>
const Backbone<Ops>& find_backbone(const std::string& name) {
  std::string names;
  for (const auto& row : kBackbones<Ops>) {
    if (name == row.name) return row;
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error("unknown backbone", name, names);
}

/// image [n, 3, h, w], normalised -> features [n, d].
template <class Ops>
Value<Ops> backbone(Ops& ops, const std::string& name, Value<Ops> image) {
  const auto& parts = find_backbone<Ops>(name);
  return parts.head(ops, parts.stem(ops, image));
}

/// The first part alone: image [n, 3, h, w], normalised -> map [n, c, h / 16, w / 16], of SFace twice that
/// size.
template <class Ops>
Value<Ops> backbone_stem(Ops& ops, const std::string& name, Value<Ops> image) {
  return find_backbone<Ops>(name).stem(ops, image);
}

/// The second part: map [n, c, h, w] of any size -> features [n, d]; VGG-16's parameters belong to one size.
template <class Ops>
Value<Ops> backbone_head(Ops& ops, const std::string& name, Value<Ops> map) {
  return find_backbone<Ops>(name).head(ops, map);
}

}  // namespace regard
