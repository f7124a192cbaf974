#include "lab/import/pickle.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <string_view>
#include <unordered_map>

#include "regard/core/error.h"

namespace regard {

namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t kLongest = 32u << 20;
constexpr std::size_t kMostValues = 2'000'000;
constexpr std::size_t kLongestName = 256;
constexpr std::size_t kMostAxes = 8;

/// Python's pickletools names them; the numbers are the format's.
enum class Op : unsigned char {
  mark = '(',
  stop = '.',
  pop = '0',
  pop_mark = '1',
  dup = '2',
  binfloat = 'G',
  binint = 'J',
  binint1 = 'K',
  binint2 = 'M',
  none = 'N',
  binpersid = 'Q',
  reduce = 'R',
  binstring = 'T',
  short_binstring = 'U',
  binunicode = 'X',
  binbytes = 'B',
  short_binbytes = 'C',
  empty_list = ']',
  append = 'a',
  build = 'b',
  global = 'c',
  dict = 'd',
  empty_dict = '}',
  appends = 'e',
  binget = 'h',
  long_binget = 'j',
  list = 'l',
  binput = 'q',
  long_binput = 'r',
  setitem = 's',
  tuple = 't',
  empty_tuple = ')',
  setitems = 'u',
  proto = 0x80,
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  newtrue = 0x88,
  newfalse = 0x89,
  long1 = 0x8a,
  short_binunicode = 0x8c,
  binunicode8 = 0x8d,
  stack_global = 0x93,
  memoize = 0x94,
  frame = 0x95,
};

constexpr const char* kOrderedDict = "collections.OrderedDict";
constexpr const char* kSize = "torch.Size";
constexpr const char* kTensor = "torch._utils._rebuild_tensor";
constexpr const char* kTensor2 = "torch._utils._rebuild_tensor_v2";
constexpr const char* kParameter = "torch._utils._rebuild_parameter";

bool is_known(const std::string& name) {
  static const std::set<std::string, std::less<>> kNames{kOrderedDict, kSize, kTensor, kTensor2, kParameter};
  return kNames.contains(name) ||
         (name.starts_with("torch.") && name.ends_with("Storage") && std::ranges::count(name, '.') == 1);
}

/// The stack machine that executes pickles: a stack of values with marks, and a memo.
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& where)
      : bytes_(bytes.first(std::min(bytes.size(), kLongest))), where_(where) {}

  Pickle run() {
    for (;;) {
      const auto op = static_cast<Op>(number<unsigned char>());
      if (op == Op::stop) break;
      if (!number_op(op) && !text_op(op) && !collect_op(op) && !fill_op(op) && !memo_op(op) && !object_op(op))
        fail("pickle has an instruction that is not read", std::to_string(static_cast<int>(op)));
    }
    pickle_.root = pop();
    pickle_.length = place_;
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& got = {}) const {
    throw Error(what, where_ + ": byte " + std::to_string(place_), {}, got);
  }

  std::string_view take(std::size_t count) {
    if (count > bytes_.size() - place_) fail("pickle is truncated or longer than 32 MB");
    const auto* begin = reinterpret_cast<const char*>(bytes_.data()) + place_;
    place_ += count;
    return {begin, count};
  }

  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  std::string line() {
    std::string text;
    for (char letter; (letter = number<char>()) != '\n' && text.size() <= kLongestName;) text += letter;
    return text;
  }

  PickleValue& at(std::size_t index) { return pickle_.values[index]; }

  void push(PickleValue value) {
    items_ += value.items.size();
    if (pickle_.values.size() == kMostValues || items_ > kMostValues)
      fail("pickle has more than two million values");
    stack_.push_back(pickle_.values.size());
    pickle_.values.push_back(std::move(value));
  }

  std::size_t pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("pickle takes a value that is not there");
    const auto top = stack_.back();
    stack_.pop_back();
    return top;
  }

  std::size_t top() {
    const auto index = pop();
    stack_.push_back(index);
    return index;
  }

  /// The top of the stack, which must be of this kind.
  PickleValue& top_of(Kind kind) {
    auto& value = at(top());
    if (value.kind != kind) fail("pickle changes a value of another kind");
    return value;
  }

  std::vector<std::size_t> pop_many(std::size_t count) {
    std::vector<std::size_t> items(count);
    for (auto item = items.rbegin(); item != items.rend(); ++item) *item = pop();
    return items;
  }

  std::vector<std::size_t> pop_to_mark() {
    if (marks_.empty()) fail("pickle takes a mark that is not there");
    const auto count = stack_.size() - marks_.back();
    auto items = pop_many(count);
    marks_.pop_back();
    return items;
  }

  void push_integer(std::int64_t value) { push({.kind = Kind::integer, .integer = value}); }
  void push_boolean(bool value) { push({.kind = Kind::boolean, .integer = value}); }
  void push_text(std::string_view text) { push({.kind = Kind::text, .text = std::string(text)}); }

  /// Little-endian, two's complement.
  void push_long(std::string_view digits) {
    if (digits.size() > sizeof(std::int64_t))
      return push({.kind = Kind::integer, .text = std::string(digits)});
    const bool negative = !digits.empty() && (digits.back() & 0x80);
    std::int64_t value = negative ? -1 : 0;
    if (!digits.empty()) std::memcpy(&value, digits.data(), digits.size());
    push_integer(value);
  }

  bool number_op(Op op) {
    switch (op) {
      case Op::none:
        push({});
        return true;
      case Op::newtrue:
        push_boolean(true);
        return true;
      case Op::newfalse:
        push_boolean(false);
        return true;
      case Op::binint:
        push_integer(number<std::int32_t>());
        return true;
      case Op::binint1:
        push_integer(number<std::uint8_t>());
        return true;
      case Op::binint2:
        push_integer(number<std::uint16_t>());
        return true;
      case Op::long1:
        push_long(take(number<std::uint8_t>()));
        return true;
      case Op::binfloat:
        take(8), push({.kind = Kind::real});
        return true;
      default:
        return false;
    }
  }

  bool text_op(Op op) {
    switch (op) {
      case Op::binunicode:
      case Op::binstring:
      case Op::binbytes:
        push_text(take(number<std::uint32_t>()));
        return true;
      case Op::short_binunicode:
      case Op::short_binstring:
      case Op::short_binbytes:
        push_text(take(number<std::uint8_t>()));
        return true;
      case Op::binunicode8:
        push_text(take(number<std::uint64_t>()));
        return true;
      default:
        return false;
    }
  }

  /// Lists, tuples and dicts from what lies on the stack.
  bool collect_op(Op op) {
    const auto collect = [&](Kind kind, std::vector<std::size_t> items) {
      if (kind == Kind::dict && items.size() % 2) fail("pickle's dict has a key without a value");
      push({.kind = kind, .items = std::move(items)});
      return true;
    };
    switch (op) {
      case Op::mark:
        marks_.push_back(stack_.size());
        return true;
      case Op::empty_tuple:
      case Op::empty_list:
        return collect(Kind::list, {});
      case Op::empty_dict:
        return collect(Kind::dict, {});
      case Op::tuple1:
        return collect(Kind::list, pop_many(1));
      case Op::tuple2:
        return collect(Kind::list, pop_many(2));
      case Op::tuple3:
        return collect(Kind::list, pop_many(3));
      case Op::tuple:
      case Op::list:
        return collect(Kind::list, pop_to_mark());
      case Op::dict:
        return collect(Kind::dict, pop_to_mark());
      default:
        return false;
    }
  }

  /// Adds to the list or dict on top of the stack; what a dict is built with (attributes) is passed over.
  bool fill_op(Op op) {
    const auto fill = [&](Kind kind, const std::vector<std::size_t>& items) {
      if (kind == Kind::dict && items.size() % 2) fail("pickle's dict has a key without a value");
      auto& target = top_of(kind).items;
      target.insert(target.end(), items.begin(), items.end());
      return true;
    };
    switch (op) {
      case Op::append:
        return fill(Kind::list, pop_many(1));
      case Op::appends:
        return fill(Kind::list, pop_to_mark());
      case Op::setitem:
        return fill(Kind::dict, pop_many(2));
      case Op::setitems:
        return fill(Kind::dict, pop_to_mark());
      case Op::build:
        pop(), top_of(Kind::dict);
        return true;
      default:
        return false;
    }
  }

  void get(std::uint32_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("pickle remembers nothing by this number", std::to_string(key));
    stack_.push_back(found->second);
  }

  bool memo_op(Op op) {
    switch (op) {
      case Op::binput:
        memo_[number<std::uint8_t>()] = top();
        return true;
      case Op::long_binput:
        memo_[number<std::uint32_t>()] = top();
        return true;
      case Op::memoize:
        memo_[static_cast<std::uint32_t>(memo_.size())] = top();
        return true;
      case Op::binget:
        get(number<std::uint8_t>());
        return true;
      case Op::long_binget:
        get(number<std::uint32_t>());
        return true;
      case Op::dup:
        stack_.push_back(top());
        return true;
      case Op::pop:
        pop();
        return true;
      case Op::pop_mark:
        pop_to_mark();
        return true;
      case Op::proto:
        check_protocol(number<std::uint8_t>());
        return true;
      case Op::frame:
        number<std::uint64_t>();
        return true;
      default:
        return false;
    }
  }

  void check_protocol(int protocol) const {
    if (protocol < 2 || protocol > 5) fail("pickle has an unknown protocol", std::to_string(protocol));
  }

  bool object_op(Op op) {
    switch (op) {
      case Op::global: {
        const auto module = line();
        push_name(module + "." + line());
        return true;
      }
      case Op::stack_global: {
        const auto name = pop(), module = pop();
        push_name(at(module).text + "." + at(name).text);
        return true;
      }
      case Op::binpersid:
        push_storage(at(pop()));
        return true;
      case Op::reduce: {
        const auto arguments = pop(), name = pop();
        push_object(at(name), at(arguments));
        return true;
      }
      default:
        return false;
    }
  }

  void push_name(const std::string& name) {
    if (name.size() > kLongestName) fail("pickle names a class or function at length");
    if (!is_known(name))
      throw Error("pickle asks for a class or function that is not for tensors", where_,
                  "tensors by name, as torch.save(model.state_dict(), ...) leaves them", name);
    push({.kind = Kind::name, .text = name});
  }

  /// Whether the value is a tuple whose items are of these kinds, with perhaps some more behind them.
  bool starts_with(const PickleValue& value, std::initializer_list<Kind> kinds) {
    return value.kind == Kind::list && value.items.size() >= kinds.size() &&
           std::equal(kinds.begin(), kinds.end(), value.items.begin(),
                      [&](Kind kind, std::size_t item) { return at(item).kind == kind; });
  }

  /// ("storage", type, key, place, count), in old files with None behind it.
  void push_storage(const PickleValue& id) {
    if (!starts_with(id, {Kind::text, Kind::name, Kind::text, Kind::text, Kind::integer}) ||
        at(id.items[0]).text != "storage" || at(id.items[1]).text.find("Storage") == std::string::npos)
      fail("pickle refers to something that is no storage of a tensor");
    if (id.items.size() > 6 || (id.items.size() == 6 && at(id.items[5]).kind != Kind::none))
      fail("pickle refers to a part of a storage");
    if (at(id.items[2]).text.size() > kLongestName) fail("pickle names a storage at length");
    push({.kind = Kind::storage, .items = {id.items.begin() + 1, id.items.begin() + 5}});
  }

  void push_object(const PickleValue& name, const PickleValue& arguments) {
    if (name.kind != Kind::name || arguments.kind != Kind::list) fail("pickle calls what is no function");
    if (name.text == kOrderedDict) return push_dict(arguments);
    if (name.text == kSize && starts_with(arguments, {Kind::list}))
      return stack_.push_back(arguments.items[0]);
    if (name.text == kParameter && starts_with(arguments, {Kind::tensor}))
      return stack_.push_back(arguments.items[0]);
    if ((name.text == kTensor || name.text == kTensor2) &&
        starts_with(arguments, {Kind::storage, Kind::integer, Kind::list, Kind::list}))
      return push({.kind = Kind::tensor, .items = {arguments.items.begin(), arguments.items.begin() + 4}});
    fail("pickle makes an object of the wrong parts", name.text);
  }

  /// OrderedDict(), or, as Python 2 wrote it, OrderedDict([[key, value], ...]).
  void push_dict(const PickleValue& arguments) {
    PickleValue dict{.kind = Kind::dict};
    if (arguments.items.size() > 1) fail("pickle makes an object of the wrong parts", kOrderedDict);
    if (!arguments.items.empty()) {
      for (const auto pair : at(arguments.items[0]).items) {
        const auto& items = at(pair).items;
        if (items.size() != 2) fail("pickle's dict has a key without a value");
        dict.items.insert(dict.items.end(), items.begin(), items.end());
      }
    }
    push(std::move(dict));
  }

  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::size_t place_ = 0, items_ = 0;
  Pickle pickle_;
  std::vector<std::size_t> stack_, marks_;
  std::unordered_map<std::uint32_t, std::size_t> memo_;
};

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
  return {.key = part(pickle, storage, 1).text,
          .type = part(pickle, storage, 0).text.substr(std::string_view("torch.").size()),
          .size = part(pickle, storage, 3).integer};
}

PickledTensor read_tensor(const Pickle& pickle, const PickleValue& tensor, const std::string& where) {
  return {.storage = read_storage(pickle, part(pickle, tensor, 0)),
          .offset = part(pickle, tensor, 1).integer,
          .shape = read_sizes(pickle, part(pickle, tensor, 2), where),
          .strides = read_sizes(pickle, part(pickle, tensor, 3), where)};
}

/// The dict that stands under `key` in another; nothing if there is none.
const PickleValue* inner_dict(const Pickle& pickle, std::string_view key) {
  const auto& items = pickle.whole().items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const auto &name = pickle.values[items[i]], &value = pickle.values[items[i + 1]];
    if (name.kind == Kind::text && name.text == key && value.kind == Kind::dict) return &value;
  }
  return nullptr;
}

const PickleValue& find_state_dict(const Pickle& pickle) {
  for (const auto* key : {"state_dict", "model_state_dict", "model", "net"})
    if (const auto* dict = inner_dict(pickle, key)) return *dict;
  return pickle.whole();
}

}  // namespace

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where) {
  return Reader(bytes, where).run();
}

std::map<std::string, PickledStorage> read_storages(const Pickle& pickle) {
  std::map<std::string, PickledStorage> storages;
  for (const auto& value : pickle.values) {
    if (value.kind != Kind::storage) continue;
    auto storage = read_storage(pickle, value);
    storages[storage.key] = std::move(storage);
  }
  return storages;
}

std::map<std::string, PickledTensor> read_state_dict(const Pickle& pickle, const std::string& where) {
  std::map<std::string, PickledTensor> tensors;
  const auto& dict = find_state_dict(pickle);
  for (std::size_t i = 0; dict.kind == Kind::dict && i < dict.items.size(); i += 2) {
    const auto &name = pickle.values[dict.items[i]], &value = pickle.values[dict.items[i + 1]];
    if (name.kind == Kind::text && value.kind == Kind::tensor)
      tensors[name.text] = read_tensor(pickle, value, where + ": " + name.text);
  }
  if (tensors.empty()) throw Error("file holds no tensors by name", where, "a state dict");
  return tensors;
}

}  // namespace regard
