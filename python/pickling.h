#pragma once

#include <memory>
#include <string>
#include <vector>

#include "convert.h"
#include "faces.h"
#include "fields.h"

/// Pickling of the results: the fields in full precision, taken from their `visit`, and the names that all
/// results of a recognizer share.
namespace regard::python {

template <class Described>
nb::dict state_of(const Described& described);
template <class Described>
void set_state(const nb::dict& state, Described& described);

template <class Value>
nb::object state_of_value(const Value& value) {
  return nb::cast(value);
}
inline nb::object state_of_value(const std::string& value) {
  return nb::bytes(value.data(), value.size());
}
inline nb::object state_of_value(const std::vector<Face>& faces) {
  nb::list list;
  for (const Face& face : faces) list.append(state_of(face));
  return list;
}

template <class Value>
void set_value(nb::handle state, Value& value) {
  value = nb::cast<Value>(state);
}
inline void set_value(nb::handle state, std::string& value) {
  const auto bytes = nb::cast<nb::bytes>(state);
  value.assign(bytes.c_str(), bytes.size());
}
inline void set_value(nb::handle state, std::vector<Face>& faces) {
  for (nb::handle face : state) set_state(nb::cast<nb::dict>(face), faces.emplace_back());
}

template <class Described>
nb::dict state_of(const Described& described) {
  nb::dict state;
  described.visit([&](const char* name, const auto& value, auto...) { state[name] = state_of_value(value); });
  return state;
}

/// Fields that the state lacks keep their defaults.
template <class Described>
void set_state(const nb::dict& state, Described& described) {
  described.visit([&]<class Value>(const char* name, const Value& value, auto...) {
    // `visit` shows a field as const; the object is not.
    if (state.contains(name)) set_value(state[name], const_cast<Value&>(value));
  });
}

inline nb::tuple names_state(const Names& names) {
  return nb::make_tuple(names.labels, names.views);
}
inline std::shared_ptr<const Names> names_from(nb::handle state) {
  return std::make_shared<Names>(
      Names{nb::cast<std::vector<std::string>>(state[0]), nb::cast<std::vector<std::string>>(state[1])});
}

inline nb::tuple pickled(const FaceView& view) {
  return nb::make_tuple(state_of(view));
}
inline nb::tuple pickled(const FaceInImage& owner) {
  return nb::make_tuple(state_of(*owner.face), names_state(*owner.names));
}
inline nb::tuple pickled(const FaceInClip& owner) {
  return nb::make_tuple(state_of(described(owner)), names_state(*owner.names));
}
inline nb::tuple pickled(const Faces& owner) {
  return nb::make_tuple(state_of(*owner.image), names_state(*owner.names));
}

template <class Described>
std::shared_ptr<const Described> shared_from(nb::handle state) {
  auto described = std::make_shared<Described>();
  set_state(nb::cast<nb::dict>(state), *described);
  return described;
}

inline void unpickle(FaceView& view, const nb::tuple& state) {
  new (&view) FaceView;
  set_state(nb::cast<nb::dict>(state[0]), view);
}
inline void unpickle(FaceInImage& owner, const nb::tuple& state) {
  new (&owner) FaceInImage{shared_from<Face>(state[0]), names_from(state[1])};
}
inline void unpickle(FaceInClip& owner, const nb::tuple& state) {
  new (&owner) FaceInClip(shared_from<PersonFace>(state[0]), names_from(state[1]));
}
inline void unpickle(Faces& owner, const nb::tuple& state) {
  new (&owner) Faces{shared_from<ImageFaces>(state[0]), names_from(state[1])};
}

template <class Owner, class... Base>
void bind_pickling(nanobind::class_<Owner, Base...>& type) {
  type.def(
      "__getstate__", [](const Owner& owner) { return pickled(owner); },
      nb::sig("def __getstate__(self) -> object"));
  type.def(
      "__setstate__", [](Owner& owner, const nb::tuple& state) { unpickle(owner, state); },
      nb::sig("def __setstate__(self, state: tuple[object, ...], /) -> None"));
}

}  // namespace regard::python
