#include <algorithm>
#include <array>
#include <initializer_list>

#include "lab/import/pickle_machine.h"

namespace regard {

namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t kLongestName = 1024;

/// Whether the value is a tuple whose items are of these kinds, with perhaps some more behind them.
bool starts_with(PickleMachine& machine, const PickleValue& value, std::initializer_list<Kind> kinds) {
  return value.kind == Kind::list && value.items.size() >= kinds.size() &&
         std::equal(kinds.begin(), kinds.end(), value.items.begin(),
                    [&](Kind kind, std::size_t item) { return machine.at(item).kind == kind; });
}

[[noreturn]] void refuse_parts(PickleMachine& machine, std::string_view name) {
  machine.in.fail("pickle makes an object of the wrong parts", std::string(name));
}

/// OrderedDict(), or, as Python 2 wrote it, OrderedDict([[key, value], ...]).
bool make_dict(PickleMachine& machine, const PickleValue& arguments) {
  PickleValue dict{.kind = Kind::dict};
  if (arguments.kind != Kind::list || arguments.items.size() > 1) return false;
  if (!arguments.items.empty()) {
    const auto& pairs = machine.at(arguments.items[0]);
    if (pairs.kind != Kind::list) return false;
    for (const auto pair : pairs.items) {
      const auto& items = machine.at(pair).items;
      if (items.size() != 2) machine.in.fail("pickle's dict has a key without a value");
      dict.items.insert(dict.items.end(), items.begin(), items.end());
    }
  }
  machine.push(std::move(dict));
  return true;
}

bool make_tensor(PickleMachine& machine, const PickleValue& arguments) {
  if (!starts_with(machine, arguments, {Kind::storage, Kind::integer, Kind::list, Kind::list})) return false;
  machine.push({.kind = Kind::tensor, .items = {arguments.items.begin(), arguments.items.begin() + 4}});
  return true;
}

/// torch.Size((2, 3)) is its first argument.
bool make_size(PickleMachine& machine, const PickleValue& arguments) {
  if (!starts_with(machine, arguments, {Kind::list})) return false;
  machine.push_again(arguments.items[0]);
  return true;
}

/// Parameter(data, requires_grad, ...) is the tensor; an object where its data are something else.
bool make_parameter(PickleMachine& machine, const PickleValue& arguments) {
  if (arguments.kind != Kind::list || arguments.items.empty()) return false;
  machine.push_again(arguments.items[0]);
  return true;
}

/// rebuild_from_type(function, type, arguments, state): a tensor of a class of its own, or with attributes.
bool make_typed(PickleMachine& machine, const PickleValue& arguments) {
  if (!starts_with(machine, arguments, {Kind::name, Kind::name, Kind::list})) return false;
  const auto function = arguments.items[0], parts = arguments.items[2];
  if (machine.at(function).text.starts_with("torch._tensor.")) return false;  // within itself, without end
  push_result(machine, function, parts);
  return true;
}

/// The classes and functions that PyTorch's tensors are held together by. What they make is false if the
/// arguments are not theirs.
struct Maker {
  std::string_view name;
  bool (*make)(PickleMachine&, const PickleValue& arguments);
};
constexpr std::array kMakers{Maker{"collections.OrderedDict", make_dict},
                             Maker{"torch.Size", make_size},
                             Maker{"torch._utils._rebuild_tensor", make_tensor},
                             Maker{"torch._utils._rebuild_tensor_v2", make_tensor},
                             Maker{"torch._utils._rebuild_parameter", make_parameter},
                             Maker{"torch._utils._rebuild_parameter_with_state", make_parameter},
                             Maker{"torch._tensor._rebuild_from_type_v2", make_typed}};

/// ("storage", type, key, place, count), in old files with None behind it.
void push_storage(PickleMachine& machine, const PickleValue& id) {
  if (!starts_with(machine, id, {Kind::text, Kind::name, Kind::text, Kind::text, Kind::integer}) ||
      machine.at(id.items[1]).text.find("Storage") == std::string::npos)
    machine.in.fail("pickle refers to something that is no storage of a tensor");
  if (id.items.size() > 6 || (id.items.size() == 6 && machine.at(id.items[5]).kind != Kind::none))
    machine.in.fail("pickle refers to a part of a storage");
  if (machine.at(id.items[2]).text.size() > kLongestName) machine.in.fail("pickle names a storage at length");
  machine.push({.kind = Kind::storage, .items = {id.items.begin() + 1, id.items.begin() + 5}});
}

}  // namespace

void push_name(PickleMachine& machine, std::string_view module, std::string_view name) {
  if (module.size() + name.size() > kLongestName)
    machine.in.fail("pickle names a class or function at length");
  machine.push({.kind = Kind::name, .text = std::string(module).append(".").append(name)});
}

void push_object(PickleMachine& machine, std::size_t maker) {
  machine.push({.kind = Kind::object, .text = machine.at(maker).text});
}

void push_result(PickleMachine& machine, std::size_t callee, std::size_t arguments) {
  const auto name = machine.at(callee);
  if (name.kind != Kind::name && name.kind != Kind::object)
    machine.in.fail("pickle calls what is no function");
  const auto* maker = std::ranges::find(kMakers, name.text, &Maker::name);
  if (name.kind == Kind::object || maker == kMakers.end()) return push_object(machine, callee);
  const auto parts = machine.at(arguments);  // a copy, as values move when there are more of them
  if (!maker->make(machine, parts)) refuse_parts(machine, maker->name);
}

void push_persistent(PickleMachine& machine, std::size_t id) {
  const auto parts = machine.at(id);
  const auto kind = starts_with(machine, parts, {Kind::text}) ? machine.at(parts.items[0]).text : "";
  if (kind == "storage") return push_storage(machine, parts);
  if (kind == "module" && starts_with(machine, parts, {Kind::text, Kind::name}))  // the class, then its code
    return machine.push_again(parts.items[1]);
  machine.push({.kind = Kind::object, .text = "a persistent id"});
}

}  // namespace regard
