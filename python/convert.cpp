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

nb::object to_python(const Json& json) {
  switch (json.type()) {
    case Json::value_t::object: {
      nb::dict dict;
      for (const auto& [key, value] : json.items()) dict[to_str(key)] = to_python(value);
      return dict;
    }
    case Json::value_t::array: {
      nb::list list;
      for (const auto& value : json) list.append(to_python(value));
      return list;
    }
    case Json::value_t::string:
      return to_str(json.get<std::string>());
    case Json::value_t::boolean:
      return nb::bool_(json.get<bool>());
    case Json::value_t::number_float:
      return nb::float_(json.get<double>());
    case Json::value_t::null:
      return nb::none();
    default:
      return nb::int_(json.get<std::int64_t>());
  }
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
