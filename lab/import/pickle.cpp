#include "lab/import/pickle.h"

#include <array>

#include "lab/import/pickle_machine.h"
#include "regard/core/text.h"

namespace regard {

namespace {

using Kind = PickleValue::Kind;
using Machine = PickleMachine;

constexpr std::size_t kLongestText = 65536;

void push_integer(Machine& m, std::int64_t value) {
  m.push({.kind = Kind::integer, .integer = value});
}

void push_boolean(Machine& m, bool value) {
  m.push({.kind = Kind::boolean, .integer = value});
}

void push_text(Machine& m, std::string_view text) {
  m.push({.kind = Kind::text, .text = std::string(text.substr(0, kLongestText))});
}

/// Little-endian, two's complement.
void push_long(Machine& m, std::string_view digits) {
  if (digits.size() > sizeof(std::int64_t))
    return m.push({.kind = Kind::integer, .text = std::string(digits.substr(0, kLongestText))});
  const bool negative = !digits.empty() && (digits.back() & 0x80);
  std::int64_t value = negative ? -1 : 0;
  if (!digits.empty()) std::memcpy(&value, digits.data(), digits.size());
  push_integer(m, value);
}

std::int64_t decimal(Machine& m, std::string_view digits) {
  const auto value = whole_number<std::int64_t>(digits);
  if (!value) m.in.fail("pickle has a number that is none", std::string(digits.substr(0, 40)));
  return *value;
}

/// "I01" and "I00" are True and False.
void push_decimal(Machine& m, std::string_view digits) {
  if (digits == "01" || digits == "00") return push_boolean(m, digits == "01");
  push_integer(m, decimal(m, digits));
}

void push_decimal_long(Machine& m, std::string_view digits) {
  if (digits.ends_with('L')) digits.remove_suffix(1);
  if (digits.size() < 19) return push_integer(m, decimal(m, digits));
  m.push({.kind = Kind::integer, .text = std::string(digits.substr(0, kLongestText))});
}

/// As Python writes it: in quotes, escapes as they are.
void push_quoted(Machine& m, std::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) m.in.fail("pickle has a string without quotes");
  push_text(m, text.substr(1, text.size() - 2));
}

void push_collection(Machine& m, Kind kind, std::vector<std::size_t> items) {
  if (kind == Kind::dict && items.size() % 2) m.in.fail("pickle's dict has a key without a value");
  m.push({.kind = kind, .items = std::move(items)});
}

/// Items that are taken off the stack before their target is.
void fill(Machine& m, Kind kind, const std::vector<std::size_t>& items) {
  m.fill(m.top(), kind, items);
}

/// Sets of protocol 4; of their elements nothing is kept.
void push_set(Machine& m, const char* name) {
  m.push({.kind = Kind::object, .text = name});
}

/// The state of an object; what a dict, a tensor and the like are built with is passed over.
void build(Machine& m) {
  const auto state = m.pop();
  auto& target = m.at(m.top());
  if (target.kind == Kind::object) target.state = state;
  if (target.kind < Kind::list) m.in.fail("pickle changes a value of another kind");
}

void push_named_by_texts(Machine& m) {
  const auto name = m.pop(), module = m.pop();
  if (m.at(name).kind != Kind::text || m.at(module).kind != Kind::text)
    m.in.fail("pickle names a class or function by what is no text");
  push_name(m, std::string(m.at(module).text), std::string(m.at(name).text));
}

void push_named_by_lines(Machine& m) {
  const auto module = m.in.line();
  push_name(m, module, m.in.line());
}

void reduce(Machine& m) {
  const auto arguments = m.pop(), callee = m.pop();
  push_result(m, callee, arguments);
}

/// Class and arguments lie behind a mark.
void push_old_object(Machine& m) {
  const auto items = m.pop_to_mark();
  if (items.empty()) m.in.fail("pickle makes an object without a class");
  push_object(m, items.front());
}

void push_old_object_by_lines(Machine& m) {
  m.pop_to_mark();
  push_named_by_lines(m);
  push_object(m, m.pop());
}

void push_new_object(Machine& m, std::size_t arguments) {
  m.pop_many(arguments);
  push_object(m, m.pop());
}

/// A class by its number in a registry that the file does not have.
void push_registered(Machine& m, std::size_t bytes) {
  m.in.take(bytes);
  m.push({.kind = Kind::name, .text = "a class by its number"});
}

void check_protocol(Machine& m) {
  const int protocol = m.in.number<std::uint8_t>();
  if (protocol < 2 || protocol > 5) m.in.fail("pickle has an unknown protocol", std::to_string(protocol));
}

struct Instruction {
  unsigned char code;
  void (*run)(Machine&);
};

/// All instructions but those that want buffers beside the pickle; Python's pickletools explains each.
constexpr Instruction kInstructions[] = {
    {'.', [](Machine& m) { m.stop(); }},
    {0x80, check_protocol},
    {0x95, [](Machine& m) { m.in.take(8); }},  // a frame's length
    // Numbers.
    {'N', [](Machine& m) { m.push({}); }},
    {0x88, [](Machine& m) { push_boolean(m, true); }},
    {0x89, [](Machine& m) { push_boolean(m, false); }},
    {'J', [](Machine& m) { push_integer(m, m.in.number<std::int32_t>()); }},
    {'K', [](Machine& m) { push_integer(m, m.in.number<std::uint8_t>()); }},
    {'M', [](Machine& m) { push_integer(m, m.in.number<std::uint16_t>()); }},
    {'I', [](Machine& m) { push_decimal(m, m.in.line()); }},
    {'L', [](Machine& m) { push_decimal_long(m, m.in.line()); }},
    {0x8a, [](Machine& m) { push_long(m, m.in.counted<std::uint8_t>()); }},
    {0x8b, [](Machine& m) { push_long(m, m.in.counted<std::uint32_t>()); }},
    {'G', [](Machine& m) { m.in.take(8), m.push({.kind = Kind::real}); }},
    {'F', [](Machine& m) { m.in.line(), m.push({.kind = Kind::real}); }},
    // Texts and bytes.
    {'X', [](Machine& m) { push_text(m, m.in.counted<std::uint32_t>()); }},
    {'T', [](Machine& m) { push_text(m, m.in.counted<std::uint32_t>()); }},
    {'B', [](Machine& m) { push_text(m, m.in.counted<std::uint32_t>()); }},
    {'U', [](Machine& m) { push_text(m, m.in.counted<std::uint8_t>()); }},
    {'C', [](Machine& m) { push_text(m, m.in.counted<std::uint8_t>()); }},
    {0x8c, [](Machine& m) { push_text(m, m.in.counted<std::uint8_t>()); }},
    {0x8d, [](Machine& m) { push_text(m, m.in.counted<std::uint64_t>()); }},
    {0x8e, [](Machine& m) { push_text(m, m.in.counted<std::uint64_t>()); }},
    {0x96, [](Machine& m) { push_text(m, m.in.counted<std::uint64_t>()); }},
    {'S', [](Machine& m) { push_quoted(m, m.in.line()); }},
    {'V', [](Machine& m) { push_text(m, m.in.line()); }},
    // Lists, tuples, dicts and sets from what lies on the stack.
    {'(', [](Machine& m) { m.mark(); }},
    {')', [](Machine& m) { push_collection(m, Kind::list, {}); }},
    {']', [](Machine& m) { push_collection(m, Kind::list, {}); }},
    {'}', [](Machine& m) { push_collection(m, Kind::dict, {}); }},
    {0x85, [](Machine& m) { push_collection(m, Kind::list, m.pop_many(1)); }},
    {0x86, [](Machine& m) { push_collection(m, Kind::list, m.pop_many(2)); }},
    {0x87, [](Machine& m) { push_collection(m, Kind::list, m.pop_many(3)); }},
    {'t', [](Machine& m) { push_collection(m, Kind::list, m.pop_to_mark()); }},
    {'l', [](Machine& m) { push_collection(m, Kind::list, m.pop_to_mark()); }},
    {'d', [](Machine& m) { push_collection(m, Kind::dict, m.pop_to_mark()); }},
    {0x8f, [](Machine& m) { push_set(m, "builtins.set"); }},
    {0x91, [](Machine& m) { m.pop_to_mark(), push_set(m, "builtins.frozenset"); }},
    // What is put into them.
    {'a', [](Machine& m) { fill(m, Kind::list, m.pop_many(1)); }},
    {'e', [](Machine& m) { fill(m, Kind::list, m.pop_to_mark()); }},
    {0x90, [](Machine& m) { fill(m, Kind::list, m.pop_to_mark()); }},
    {'s', [](Machine& m) { fill(m, Kind::dict, m.pop_many(2)); }},
    {'u', [](Machine& m) { fill(m, Kind::dict, m.pop_to_mark()); }},
    {'b', build},
    // The stack and the memo.
    {'0', [](Machine& m) { m.pop(); }},
    {'1', [](Machine& m) { m.pop_to_mark(); }},
    {'2', [](Machine& m) { m.push_again(m.top()); }},
    {'q', [](Machine& m) { m.remember(m.in.number<std::uint8_t>()); }},
    {'r', [](Machine& m) { m.remember(m.in.number<std::uint32_t>()); }},
    {'p', [](Machine& m) { m.remember(static_cast<std::size_t>(decimal(m, m.in.line()))); }},
    {0x94, [](Machine& m) { m.remember_next(); }},
    {'h', [](Machine& m) { m.recall(m.in.number<std::uint8_t>()); }},
    {'j', [](Machine& m) { m.recall(m.in.number<std::uint32_t>()); }},
    {'g', [](Machine& m) { m.recall(static_cast<std::size_t>(decimal(m, m.in.line()))); }},
    // Classes, functions and what they make.
    {'c', push_named_by_lines},
    {0x93, push_named_by_texts},
    {0x82, [](Machine& m) { push_registered(m, 1); }},
    {0x83, [](Machine& m) { push_registered(m, 2); }},
    {0x84, [](Machine& m) { push_registered(m, 4); }},
    {'R', reduce},
    {0x81, [](Machine& m) { push_new_object(m, 1); }},
    {0x92, [](Machine& m) { push_new_object(m, 2); }},
    {'o', push_old_object},
    {'i', push_old_object_by_lines},
    {'Q', [](Machine& m) { push_persistent(m, m.pop()); }},
    {'P', [](Machine& m) { m.in.line(), m.push({.kind = Kind::object, .text = "a persistent id"}); }},
};

constexpr auto kByCode = [] {
  std::array<void (*)(Machine&), 256> table{};
  for (const auto& [code, run] : kInstructions) table[code] = run;
  return table;
}();

}  // namespace

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where) {
  Machine machine(bytes, where);
  while (machine.is_running()) {
    const auto code = machine.in.number<unsigned char>();
    if (!kByCode[code]) machine.in.fail("pickle has an instruction that is not read", std::to_string(code));
    kByCode[code](machine);
  }
  return machine.result();
}

}  // namespace regard
