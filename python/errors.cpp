#include <exception>
#include <string_view>

#include "bindings.h"
#include "convert.h"
#include "regard/core/error.h"

namespace regard::python {
namespace {

/// What went wrong, without the other parts of the message, as core/error.h puts them together.
std::string first_part(const Error& error) {
  std::string_view text = error.what();
  if (!error.where().empty()) text.remove_prefix(error.where().size() + std::string_view(": ").size());
  if (!error.got().empty()) text.remove_suffix(error.got().size() + std::string_view("; got ").size());
  if (!error.expected().empty())
    text.remove_suffix(error.expected().size() + std::string_view("; expected ").size());
  return std::string(text);
}

void translate(const std::exception_ptr& pointer, void*) {
  try {
    std::rethrow_exception(pointer);
  } catch (const Error& error) {
    PyErr_SetObject(python_class("Error").ptr(), to_python(error).ptr());
  }
}

}  // namespace

nb::object to_python(const Error& error) {
  return python_class("Error")(to_str(first_part(error)), to_str(error.where()), to_str(error.expected()),
                               to_str(error.got()));
}

void bind_errors(nb::module_&) {
  nb::register_exception_translator(translate);
}

}  // namespace regard::python
