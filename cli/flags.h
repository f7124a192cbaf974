#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "regard/core/options.h"

/// Flags of options structs, for all programs.
namespace regard {

/// "min_score" -> "--min-score".
inline std::string flag_name(std::string_view option) {
  std::string flag = "--" + std::string(option);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

/// An option that may be given several times, each time with one value: the words after it are not consumed.
inline CLI::Option* repeatable(CLI::Option* option) {
  option->expected(1)->allow_extra_args(false);
  return option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// Adds a flag for every field of an options struct: its name with dashes, its help, its value as the
/// default. Nested structs are flattened; a name that several of them share is one flag that sets them all.
/// Lists are written with commas. `options` must outlive the parsing.
template <OptionsStruct Options>
void add_flags(CLI::App& app, Options& options) {
  options.visit([&app](const char* name, auto& field, const char* help) {
    using Field = std::remove_reference_t<decltype(field)>;
    const std::string flag = flag_name(name);
    constexpr bool kList = !requires(std::ostream & out) {
      out << field;
    };
    if constexpr (OptionsStruct<Field>) {
      add_flags(app, field);
    } else if constexpr (kList) {
      app.add_option(flag, field, help)->delimiter(',')->allow_extra_args(false);
    } else if (auto* shared = app.get_option_no_throw(flag)) {
      shared->each([&field](const std::string& text) { CLI::detail::lexical_cast(text, field); });
    } else if constexpr (std::is_same_v<Field, bool>) {
      app.add_flag(flag + ",!--no-" + flag.substr(2), field, help)->default_str(field ? "yes" : "no");
    } else {
      std::ostringstream shown;
      shown << field;
      app.add_option(flag, field, help)->default_str(shown.str());
    }
  });
}

/// The flags of an options struct as they were given to `app`, for another program that has them.
template <OptionsStruct Options>
std::vector<std::string> given_flags(const CLI::App& app) {
  std::vector<std::string> given;
  for (const auto& name : option_names<Options>())
    for (const auto& value : app.get_option(flag_name(name))->results())
      given.push_back(flag_name(name) + "=" + value);
  return given;
}

}  // namespace regard
