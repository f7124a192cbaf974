#pragma once

#include <array>
#include <string>

#include "regard/core/table.h"
#include "regard/network/mobilenet.h"
#include "regard/network/resnet.h"
#include "regard/network/sface.h"
#include "regard/network/vgg.h"

/// The table of backbones, the only place where the name of a backbone is mapped to its functions. A backbone
/// has two parts, so that regions can be cut from the feature map between them.
namespace regard {

template <class Ops>
struct Backbone {
  const char* name;
  Value<Ops> (*trunk)(Ops& ops, Value<Ops> image);
  Value<Ops> (*last_stage)(Ops& ops, Value<Ops> map);
};

template <class Ops>
inline constexpr std::array kBackbones{
    Backbone<Ops>{"mobilenet_v1", mobilenet_v1_trunk<Ops>, mobilenet_v1_last_stage<Ops>},
    Backbone<Ops>{"resnet18", resnet18_trunk<Ops>, resnet18_last_stage<Ops>},
    Backbone<Ops>{"vgg16", vgg16_trunk<Ops>, vgg16_last_stage<Ops>},
    Backbone<Ops>{"sface", sface_trunk<Ops>, sface_last_stage<Ops>}};

/// Throws Error for an unknown name.
template <class Ops>
const Backbone<Ops>& find_backbone(const std::string& name) {
  return find_row(kBackbones<Ops>, name, "backbone");
}

/// image [n, 3, h, w], normalised -> features [n, d].
template <class Ops>
Value<Ops> backbone(Ops& ops, const std::string& name, Value<Ops> image) {
  const auto& parts = find_backbone<Ops>(name);
  return parts.last_stage(ops, parts.trunk(ops, image));
}

/// The trunk alone: image [n, 3, h, w], normalised -> map [n, c, h / 16, w / 16], of SFace twice that size.
template <class Ops>
Value<Ops> backbone_trunk(Ops& ops, const std::string& name, Value<Ops> image) {
  return find_backbone<Ops>(name).trunk(ops, image);
}

/// The last stage: map [n, c, h, w] of any size -> features [n, d]; VGG-16's parameters fit only one size.
template <class Ops>
Value<Ops> backbone_last_stage(Ops& ops, const std::string& name, Value<Ops> map) {
  return find_backbone<Ops>(name).last_stage(ops, map);
}

}  // namespace regard
