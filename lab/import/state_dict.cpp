#include "lab/import/state_dict.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "regard/core/error.h"
#include "regard/core/text.h"

namespace regard {

namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t kMostAxes = 8;
constexpr std::size_t kLongestName = 256;
constexpr std::size_t kLongestPath = 256;
constexpr std::int64_t kMostVisits = 2'000'000;
constexpr int kDeepest = 64;

/// Usual names of the network in checkpoints, preferred ones first. Averaged weights ("ema", "model_ema")
/// come after all others.
constexpr std::array<std::string_view, 13> kUsualNames{
    "state_dict", "model_state_dict", "model_state", "model",   "net",    "network", "net_state_dict",
    "params",     "weights",          "backbone",    "encoder", "module", "student"};

Shape read_sizes(const Pickle& pickle, const PickleValue& list, const std::string& where) {
  if (list.items.size() > kMostAxes)
    throw Error("tensor has too many axes", where, std::to_string(kMostAxes),
                std::to_string(list.items.size()));
  Shape sizes;
  for (const auto item : list.items) {
    const auto& value = pickle.values[item];
    if (value.kind != Kind::integer || !value.text.empty())
      throw Error("tensor's shape is no list of numbers", where);
    sizes.push_back(value.integer);
  }
  return sizes;
}

const PickleValue& part(const Pickle& pickle, const PickleValue& value, std::size_t i) {
  return pickle.values[value.items[i]];
}

PickledStorage read_storage(const Pickle& pickle, const PickleValue& storage) {
  const auto& type = part(pickle, storage, 0).text;
  return {.key = part(pickle, storage, 1).text,
          .type = type.substr(type.rfind('.') + 1),
          .size = part(pickle, storage, 3).integer};
}

PickledTensor read_tensor(const Pickle& pickle, const PickleValue& tensor, const std::string& where) {
  return {.storage = read_storage(pickle, part(pickle, tensor, 0)),
          .offset = part(pickle, tensor, 1).integer,
          .shape = read_sizes(pickle, part(pickle, tensor, 2), where),
          .strides = read_sizes(pickle, part(pickle, tensor, 3), where)};
}

bool is_average(std::string_view key) {
  return key.starts_with("ema") || key.ends_with("_ema");
}

/// A value to be searched, and its path.
struct Place {
  std::size_t value;
  std::string path = {};
  std::string_view key = {};  // the path's last part
  bool is_average = false;
};

/// Tensors by name, as places in the pickle.
using Names = std::map<std::string, std::size_t>;

/// Looks for tensors that have names.
class Search {
 public:
  explicit Search(const Pickle& pickle) : pickle_(pickle), seen_(pickle.values.size()) {}

  struct Candidate {
    Place place;
    Names tensors;
  };

  /// Everything that the whole leads to, outer values first.
  std::vector<Candidate> run() {
    std::vector<Place> places{{pickle_.root}};
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto place = places[i];
      if (seen_[place.value]) continue;
      seen_[place.value] = true;
      auto tensors = tensors_of(place.value);
      // Parts of a module are none of their own.
      if (tensors.empty() || !at(place.value).state) add_inner(place, places);
      if (!tensors.empty()) candidates.push_back({place, std::move(tensors)});
    }
    return candidates;
  }

 private:
  const PickleValue& at(std::size_t index) const { return pickle_.values[index]; }

  static bool is_name(const PickleValue& key) {
    return key.kind == Kind::text && key.text.size() <= kLongestName;
  }

  void add_inner(const Place& place, std::vector<Place>& places) const {
    const auto& value = at(place.value);
    const bool keyed = value.kind == Kind::dict || value.kind == Kind::object;
    const auto add = [&](std::size_t inner, const std::string& step, std::string_view key) {
      if (at(inner).kind >= Kind::list && place.path.size() + step.size() < kLongestPath)
        places.push_back({inner, place.path + step, key, place.is_average || is_average(key)});
    };
    const std::string dot = place.path.empty() ? "" : ".";
    if (value.state) add(*value.state, "", place.key);
    if (keyed)
      for (std::size_t i = 0; i + 1 < value.items.size(); i += 2)
        if (const auto& key = at(value.items[i]); key.kind == Kind::text)
          add(value.items[i + 1], dot + key.text, key.text);
    if (value.kind == Kind::list)
      for (std::size_t i = 0; i < value.items.size(); ++i)
        add(value.items[i], "[" + std::to_string(i) + "]", place.key);
  }

  Names tensors_of(std::size_t index) {
    Names names;
    const auto& value = at(index);
    if (value.kind == Kind::dict || value.kind == Kind::object) add_entries(value, "", names);
    if (value.kind == Kind::list) add_pairs(value, names);
    if (value.kind == Kind::object && value.state) add_module(index, "", 0, names);
    return names;
  }

  /// The tensors among a dict's values.
  void add_entries(const PickleValue& dict, const std::string& prefix, Names& names) const {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const auto& key = at(dict.items[i]);
      if (is_name(key) && at(dict.items[i + 1]).kind == Kind::tensor)
        names[prefix + key.text] = dict.items[i + 1];
    }
  }

  /// [(name, tensor), ...], as a module's named_parameters() gives them.
  void add_pairs(const PickleValue& list, Names& names) const {
    for (const auto item : list.items) {
      const auto& pair = at(item);
      if (pair.kind == Kind::list && pair.items.size() == 2 && is_name(at(pair.items[0])) &&
          at(pair.items[1]).kind == Kind::tensor)
        names[at(pair.items[0]).text] = pair.items[1];
    }
  }

  /// A module that was saved whole: its parameters and buffers, then those of the modules within it. A module
  /// of TorchScript has all of them among its attributes.
  void add_module(std::size_t index, const std::string& prefix, int depth, Names& names) {
    const auto& module = at(index);
    if (module.kind != Kind::object || !module.state || depth > kDeepest) return;
    const auto& state = at(*module.state);
    visits_ += static_cast<std::int64_t>(state.items.size()) + 1;
    if (state.kind != Kind::dict || visits_ > kMostVisits) return;
    add_entries(state, prefix, names);
    for (const auto* kind : {"_parameters", "_buffers"})
      if (const auto* dict = entry(state, kind)) add_entries(*dict, prefix, names);
    const auto* modules = entry(state, "_modules");
    const auto& inner = modules ? *modules : state;
    for (std::size_t i = 0; i + 1 < inner.items.size(); i += 2)
      if (const auto& key = at(inner.items[i]); is_name(key))
        add_module(inner.items[i + 1], prefix + key.text + ".", depth + 1, names);
  }

  const PickleValue* entry(const PickleValue& dict, std::string_view key) const {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2)
      if (at(dict.items[i]).kind == Kind::text && at(dict.items[i]).text == key)
        return &at(dict.items[i + 1]);
    return nullptr;
  }

  const Pickle& pickle_;
  std::vector<bool> seen_;
  std::int64_t visits_ = 0;
};

/// How late its name stands among the usual ones.
std::size_t rank_of(const Search::Candidate& candidate) {
  const auto* found = std::ranges::find(kUsualNames, candidate.place.key);
  const auto rank = static_cast<std::size_t>(found - kUsualNames.begin());
  return candidate.place.is_average ? rank + kUsualNames.size() + 1 : rank;
}

const Search::Candidate* choose(const std::vector<Search::Candidate>& candidates) {
  std::size_t most = 0;
  for (const auto& candidate : candidates) most = std::max(most, candidate.tensors.size());
  const Search::Candidate* best = nullptr;
  for (const auto& candidate : candidates)
    if (2 * candidate.tensors.size() >= most && (!best || rank_of(candidate) < rank_of(*best)))
      best = &candidate;
  return best;
}

std::string kind_of(const PickleValue& value) {
  constexpr std::array kKinds{"None",   "a truth value", "a number",  "a number",  "a text",  "a list",
                              "a dict", "a class",       "an object", "a storage", "a tensor"};
  if (value.kind == Kind::object || value.kind == Kind::name) return value.text;
  return kKinds[static_cast<std::size_t>(value.kind)];
}

/// "a dict with 'epoch' (a number), 'net' (numpy.ndarray)".
std::string description(const Pickle& pickle) {
  constexpr std::size_t kShown = 8;
  const auto& whole = pickle.whole();
  std::vector<std::string> parts;
  if (whole.kind == Kind::dict)
    for (std::size_t i = 0; i + 1 < whole.items.size() && parts.size() < kShown; i += 2) {
      const auto& key = part(pickle, whole, i);
      const auto name = key.kind == Kind::text ? "'" + key.text.substr(0, 60) + "'" : kind_of(key);
      parts.push_back(name + " (" + kind_of(part(pickle, whole, i + 1)) + ")");
    }
  else if (whole.kind == Kind::list)
    for (std::size_t i = 0; i < whole.items.size() && parts.size() < kShown; ++i)
      parts.push_back(kind_of(part(pickle, whole, i)));
  if (whole.items.size() > (whole.kind == Kind::dict ? 2 : 1) * kShown) parts.push_back("...");
  return kind_of(whole) + (parts.empty() ? "" : " with " + join(parts));
}

}  // namespace

std::map<std::string, PickledStorage> read_storages(const Pickle& pickle) {
  std::map<std::string, PickledStorage> storages;
  for (const auto& value : pickle.values) {
    if (value.kind != Kind::storage) continue;
    auto storage = read_storage(pickle, value);
    storages[storage.key] = std::move(storage);
  }
  return storages;
}

StateDict read_state_dict(const Pickle& pickle, const std::string& where) {
  const auto candidates = Search(pickle).run();
  const auto* best = choose(candidates);
  if (!best)
    throw Error("file holds no tensors by name", where,
                "a state dict, as torch.save(model.state_dict(), ...)", description(pickle));
  StateDict result{best->place.path, {}};
  for (const auto& [name, index] : best->tensors)
    result.tensors[name] = read_tensor(pickle, pickle.values[index], where + ": " + name);
  return result;
}

}  // namespace regard
