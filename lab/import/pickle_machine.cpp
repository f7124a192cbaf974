#include "lab/import/pickle_machine.h"

#include <algorithm>

#include "regard/core/error.h"

namespace regard {

namespace {

constexpr std::size_t kLongest = 256u << 20;
constexpr std::size_t kMostValues = 2'000'000;

}  // namespace

PickleBytes::PickleBytes(std::span<const std::byte> bytes, const std::string& where)
    : bytes_(bytes.first(std::min(bytes.size(), kLongest))), where_(where) {}

void PickleBytes::fail(const std::string& what, const std::string& got) const {
  throw Error(what, where_ + ": byte " + std::to_string(place_), {}, got);
}

std::string_view PickleBytes::take(std::size_t count) {
  if (count > bytes_.size() - place_) fail("pickle is truncated or longer than 256 MB");
  const auto* begin = reinterpret_cast<const char*>(bytes_.data()) + place_;
  place_ += count;
  return {begin, count};
}

std::string_view PickleBytes::line() {
  const auto rest = bytes_.subspan(place_);
  const auto end = std::ranges::find(rest, std::byte{'\n'});
  if (end == rest.end()) fail("pickle is truncated within a line");
  const auto text = take(static_cast<std::size_t>(end - rest.begin()));
  take(1);
  return text;
}

void PickleMachine::count(std::size_t items) {
  items_ += items;
  if (values_.size() >= kMostValues || items_ > kMostValues)
    in.fail("pickle has more than two million values");
}

void PickleMachine::push(PickleValue value) {
  count(value.items.size());
  stack_.push_back(values_.size());
  values_.push_back(std::move(value));
}

std::size_t PickleMachine::pop() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
    in.fail("pickle takes a value that is not there");
  const auto top = stack_.back();
  stack_.pop_back();
  return top;
}

std::size_t PickleMachine::top() {
  const auto index = pop();
  stack_.push_back(index);
  return index;
}

std::vector<std::size_t> PickleMachine::pop_many(std::size_t count) {
  std::vector<std::size_t> items(count);
  for (auto item = items.rbegin(); item != items.rend(); ++item) *item = pop();
  return items;
}

std::vector<std::size_t> PickleMachine::pop_to_mark() {
  if (marks_.empty()) in.fail("pickle takes a mark that is not there");
  auto items = pop_many(stack_.size() - marks_.back());
  marks_.pop_back();
  return items;
}

void PickleMachine::fill(std::size_t index, Kind kind, const std::vector<std::size_t>& items) {
  auto& target = at(index);
  if (kind == Kind::dict && items.size() % 2) in.fail("pickle's dict has a key without a value");
  if (target.kind != kind && target.kind != Kind::object) in.fail("pickle changes a value of another kind");
  if (target.kind == Kind::object && kind == Kind::list) return;
  count(items.size());
  target.items.insert(target.items.end(), items.begin(), items.end());
}

void PickleMachine::recall(std::size_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) in.fail("pickle remembers nothing by this number", std::to_string(key));
  stack_.push_back(found->second);
}

Pickle PickleMachine::result() {
  Pickle pickle;
  pickle.root = pop();
  pickle.length = in.place();
  pickle.values = std::move(values_);
  return pickle;
}

}  // namespace regard
