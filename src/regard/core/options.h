#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regard/core/error.h"

/// Options are plain structs with defaults and one function
///
///     template <class Visitor> void visit(Visitor&& visit) { visit("epochs", epochs, "passes over the
///     data"); }
///
/// from which come the keys of recipes and model files, command-line flags and help texts. Field types: bool,
/// int, std::int64_t, float, double, std::string, std::vector of these, or another options struct.
namespace regard {

using Json = nlohmann::ordered_json;

/// The entry of `known` with the smallest edit distance from `word`; empty if none is close.
std::string nearest(std::string_view word, std::span<const std::string> known);

/// The shortest decimal number that parses to the same float: .3f as 0.3, not as 0.30000001192092896.
double shortest(float value);

/// Whether a JSON value fits a field, without losing a fraction or leaving the type's range.
template <class Field>
bool fits(const Json& value, const Field&) {
  if constexpr (std::same_as<Field, bool>) {
    return value.is_boolean();
  } else if constexpr (std::integral<Field>) {
    if (value.is_number_unsigned()) return std::in_range<Field>(value.get<std::uint64_t>());
    return value.is_number_integer() && std::in_range<Field>(value.get<std::int64_t>());
  } else if constexpr (std::floating_point<Field>) {
    const double most = std::numeric_limits<Field>::max();
    return value.is_number() && value.get<double>() <= most && value.get<double>() >= -most;
  } else if constexpr (std::same_as<Field, Json>) {
    return value.is_object();  // options of a struct that is known elsewhere
  } else {
    static_assert(std::same_as<Field, std::string>);
    return value.is_string();
  }
}

template <class Element>
bool fits(const Json& value, const std::vector<Element>&) {
  if (!value.is_array()) return false;
  return std::all_of(value.begin(), value.end(),
                     [](const Json& element) { return fits(element, Element{}); });
}

/// A field's value as JSON.
template <class Field>
Json field_to_json(const Field& field) {
  if constexpr (std::same_as<Field, float>) return shortest(field);
  if constexpr (std::same_as<Field, std::vector<float>>) {
    Json list = Json::array();
    for (const float value : field) list.push_back(shortest(value));
    return list;
  }
  return field;
}

template <class T>
concept OptionsStruct = requires(T& t) {
  t.visit([](auto&&...) {});
};

/// Names of the options' own fields, in order.
template <OptionsStruct Options>
std::vector<std::string> option_names(Options options = {}) {
  std::vector<std::string> names;
  options.visit([&](const char* name, auto&, const char*) { names.emplace_back(name); });
  return names;
}

/// All fields with their values, nested structs as objects.
template <OptionsStruct Options>
Json to_json(Options options) {
  Json json = Json::object();
  options.visit([&](const char* name, auto& field, const char*) {
    if constexpr (OptionsStruct<std::remove_reference_t<decltype(field)>>)
      json[name] = to_json(field);
    else
      json[name] = field_to_json(field);
  });
  return json;
}

/// Sets the fields that occur in `json` and leaves the others unchanged. Throws Error for an unknown key
/// (naming the nearest known one) and for a value of the wrong type; `where` names the file in the message.
template <OptionsStruct Options>
void from_json(const Json& json, Options& options, const std::string& where) {
  if (!json.is_object()) throw Error("options are missing", where, "an object", json.type_name());
  const auto names = option_names<Options>();
  for (const auto& [key, value] : json.items()) {
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    const std::string near = nearest(key, names);
    throw Error("unknown option '" + key + "'" + (near.empty() ? "" : ", did you mean '" + near + "'?"),
                where);
  }
  options.visit([&](const char* name, auto& field, const char*) {
    if (!json.contains(name)) return;
    const std::string place = where + ": " + name;
    if constexpr (OptionsStruct<std::remove_reference_t<decltype(field)>>) {
      from_json(json.at(name), field, place);
    } else {
      const Json& value = json.at(name);
      if (!fits(value, field))
        throw Error("option has the wrong type", place, "a value like " + field_to_json(field).dump(),
                    value.dump(-1, ' ', false, Json::error_handler_t::replace));
      value.get_to(field);
    }
  });
}

}  // namespace regard
