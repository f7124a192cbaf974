#include "convert.h"

#include "regard/core/options.h"

namespace regard::python {

nb::str to_str(const std::string& text) {
  auto* decoded = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogateescape");
  if (!decoded) throw nb::python_error();
  return nb::steal<nb::str>(decoded);
}

nb::object python_class(const char* name) {
  return nb::module_::import_("regard._types").attr(name);
}

nb::object make_named_tuple(const char* name, std::initializer_list<float> values) {
  nb::list members;
  for (const float value : values) members.append(shortest(value));
  return python_class(name)(*members);
}

bool read_numbers(nb::handle sequence, std::initializer_list<float*> values) noexcept try {
  if (nb::len(sequence) != values.size()) return false;
  std::size_t i = 0;
  for (float* value : values) *value = nb::cast<float>(sequence[i++]);
  return true;
} catch (...) {
  return false;
}

}  // namespace regard::python
