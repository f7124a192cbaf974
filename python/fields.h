#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "faces.h"

/// The fields of the results, taken from their `visit`, so that a new one appears in Python by itself.
namespace regard::python {

// The described struct behind an object of Python.
inline const FaceView& described(const FaceView& view) {
  return view;
}
inline const Face& described(const FaceInImage& owner) {
  return *owner.face;
}
inline const PersonFace& described(const FaceInClip& owner) {
  return *owner.person;
}
inline const ClipFrame& described(const FrameInClip& owner) {
  return *owner.frame;
}
inline const ImageFaces& described(const Faces& owner) {
  return *owner.image;
}

/// A field of the struct behind Owner.
template <class Owner, class Value>
struct Field {
  std::ptrdiff_t offset;  ///< in the struct
  const char* name;
  const char* help;

  const Value& of(const Owner& owner) const {
    return *reinterpret_cast<const Value*>(reinterpret_cast<const char*>(&described(owner)) + offset);
  }
};

/// Calls take(field) for each of them.
template <class Owner, class Take>
void for_each_field(Take take) {
  const std::remove_cvref_t<decltype(described(std::declval<const Owner&>()))> example;
  example.visit([&](const char* name, const auto& value, const char* help, auto...) {
    using Value = std::remove_cvref_t<decltype(value)>;
    const auto offset = reinterpret_cast<const char*>(&value) - reinterpret_cast<const char*>(&example);
    take(Field<Owner, Value>{offset, name, help});
  });
}

}  // namespace regard::python
