#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <initializer_list>
#include <string>

#include "regard/core/error.h"
#include "regard/core/geometry.h"
#include "regard/core/json.h"

/// How the library's values look in Python.
namespace regard::python {

namespace nb = nanobind;

/// Text. Bytes that are not UTF-8, as in some file names, become lone surrogates, as in os.fsdecode().
nb::str to_str(const std::string& text);

/// A class that is written in Python (regard/_types.py).
nb::object python_class(const char* name);

/// The exception for an error.
nb::object to_python(const Error& error);

/// Dicts, lists, text and numbers.
nb::object to_python(const Json& json);

/// A named tuple of regard/_types.py.
nb::object make_named_tuple(const char* name, std::initializer_list<float> values);

/// Reads a sequence of that many numbers. False, without an error set, if it is something else.
bool read_numbers(nb::handle sequence, std::initializer_list<float*> values) noexcept;

}  // namespace regard::python

namespace nanobind::detail {

/// Geometry: a named tuple in Python. `members` are in its order.
template <class T, auto... members>
struct named_tuple_caster {
  bool read(handle source, T& value) noexcept {
    return regard::python::read_numbers(source, {&(value.*members)...});
  }
  static handle make(const char* name, const T& value) noexcept try {
    return regard::python::make_named_tuple(name, {value.*members...}).release();
  } catch (...) {
    return {};
  }
};

#define REGARD_NAMED_TUPLE(Type, ...)                                                                      \
  template <>                                                                                              \
  struct type_caster<regard::Type> : named_tuple_caster<regard::Type, __VA_ARGS__> {                       \
    NB_TYPE_CASTER(regard::Type, const_name("regard." #Type))                                              \
    bool from_python(handle source, std::uint32_t, cleanup_list*) noexcept { return read(source, value); } \
    static handle from_cpp(const regard::Type& value, rv_policy, cleanup_list*) noexcept {                 \
      return make(#Type, value);                                                                           \
    }                                                                                                      \
  }

REGARD_NAMED_TUPLE(Point, &regard::Point::x, &regard::Point::y);
REGARD_NAMED_TUPLE(Box, &regard::Box::x, &regard::Box::y, &regard::Box::width, &regard::Box::height);
REGARD_NAMED_TUPLE(HeadPose, &regard::HeadPose::yaw, &regard::HeadPose::pitch, &regard::HeadPose::roll);

#undef REGARD_NAMED_TUPLE

}  // namespace nanobind::detail
