#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regard/core/error.h"

/// Options are plain structs with defaults and one function
///
///     template <class Visitor> void visit(Visitor&& visit) { visit("epochs", epochs, "passes over the data"); }
///
/// from which come the keys of recipes and model files, command-line flags and help texts.
/// Field types: bool, int, std::int64_t, float, double, std::string, std::vector of these, or another options struct.
namespace regard {

using Json = nlohmann::ordered_json;

/// The entry of `known` that is least edits away from `word`; empty where none is near.
std::string nearest(std::string_view word, std::span<const std::string> known);

template <class T>
concept OptionsStruct = requires(T& t) { t.visit([](auto&&...) {}); };

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
      json[name] = field;
  });
  return json;
}

/// Sets the fields that `json` names and leaves the others as they are. Throws Error for a key that is no
/// field (naming the nearest one) and for a value of another type; `where` names the file in the message.
template <OptionsStruct Options>
void from_json(const Json& json, Options& options, const std::string& where) {
  if (!json.is_object()) throw Error("options are missing", where, "an object", json.type_name());
  const auto names = option_names<Options>();
  for (const auto& [key, value] : json.items()) {
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    const std::string near = nearest(key, names);
    throw Error("unknown option '" + key + "'" + (near.empty() ? "" : ", did you mean '" + near + "'?"), where);
  }
  options.visit([&](const char* name, auto& field, const char*) {
    if (!json.contains(name)) return;
    const std::string place = where + ": " + name;
    if constexpr (OptionsStruct<std::remove_reference_t<decltype(field)>>) {
      from_json(json.at(name), field, place);
    } else {
      try {
        if (json.at(name).is_boolean() != std::is_same_v<std::remove_reference_t<decltype(field)>, bool>)
          throw Error("");
        json.at(name).get_to(field);
      } catch (const std::exception&) {
        throw Error("option has the wrong type", place, "a value like " + Json(field).dump(), json.at(name).dump());
      }
    }
  });
}

}  // namespace regard
