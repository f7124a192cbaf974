#include "regard/core/json.h"

#include <set>
#include <vector>

namespace regard {

namespace {

constexpr int kDeepest = 64;  // copying and printing a value recurse

/// Receives the parser's events and rejects what the parser itself would accept.
template <class T>
class Watch {
 public:
  explicit Watch(const std::string& where) : where_(where) {}

  bool operator()(int depth, typename T::parse_event_t event, T& value) {
    using Event = typename T::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && depth >= kDeepest)
      throw Error("JSON nests too deeply", where_, std::to_string(kDeepest) + " levels");
    if (event == Event::object_start) names_.emplace_back();
    if (event == Event::object_end) names_.pop_back();
    if (event == Event::key && !names_.back().insert(value.template get<std::string>()).second)
      throw Error("JSON has a name twice", where_, {},
                  value.dump(-1, ' ', false, T::error_handler_t::replace));
    return true;
  }

 private:
  const std::string& where_;
  std::vector<std::set<std::string>> names_;  // of the objects that are open
};

}  // namespace

template <class T>
T parse_json(std::string_view text, const std::string& where) {
  Watch<T> watch(where);
  try {
    return T::parse(text, [&](int depth, typename T::parse_event_t event, T& value) {
      return watch(depth, event, value);
    });
  } catch (const nlohmann::json::exception& error) {
    throw Error("JSON cannot be read", where, {}, error.what());
  }
}

std::string json_text(const Json& json, const std::string& where) {
  try {
    return json.dump();
  } catch (const nlohmann::json::exception& error) {
    throw Error("text is no UTF-8", where, {}, error.what());
  }
}

std::string json_shown(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template Json parse_json<Json>(std::string_view, const std::string&);
template nlohmann::json parse_json<nlohmann::json>(std::string_view, const std::string&);

}  // namespace regard
