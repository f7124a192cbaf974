#pragma once

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lab/import/pickle.h"

namespace regard {

/// The bytes of a pickle, read from front to back.
class PickleBytes {
 public:
  PickleBytes(std::span<const std::byte> bytes, const std::string& where);

  [[noreturn]] void fail(const std::string& what, const std::string& got = {}) const;

  /// Throws Error if there are not so many.
  std::string_view take(std::size_t count);

  /// Up to the next line feed, which is taken, too.
  std::string_view line();

  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  /// A text behind its length, a number of type Length.
  template <class Length>
  std::string_view counted() {
    return take(number<Length>());
  }

  std::size_t place() const { return place_; }

 private:
  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::size_t place_ = 0;
};

/// The stack machine of pickles: a stack of values with marks, and a memo. Members throw Error if the program
/// uses missing values.
class PickleMachine {
 public:
  using Kind = PickleValue::Kind;

  PickleMachine(std::span<const std::byte> bytes, const std::string& where) : in(bytes, where) {}

  PickleBytes in;

  PickleValue& at(std::size_t index) { return values_[index]; }

  void push(PickleValue value);
  void push_again(std::size_t index) { stack_.push_back(index); }
  std::size_t pop();
  std::size_t top();

  void mark() { marks_.push_back(stack_.size()); }
  std::vector<std::size_t> pop_many(std::size_t count);
  std::vector<std::size_t> pop_to_mark();

  /// Adds to a list, a dict or an object; `kind`: list where these are items, dict where keys and values.
  void fill(std::size_t index, Kind kind, const std::vector<std::size_t>& items);

  void remember(std::size_t key) { memo_[key] = top(); }
  void remember_next() { remember(memo_.size()); }
  void recall(std::size_t key);

  void stop() { is_running_ = false; }
  bool is_running() const { return is_running_; }

  /// The value on top of the stack as the whole.
  Pickle result();

 private:
  void count(std::size_t items);

  std::vector<PickleValue> values_;
  std::size_t items_ = 0;
  std::vector<std::size_t> stack_, marks_;
  std::unordered_map<std::size_t, std::size_t> memo_;
  bool is_running_ = true;
};

/// Puts what a call gives on the stack: a dict, a list or a tensor where the callee is one of PyTorch's, else
/// an object.
void push_result(PickleMachine& machine, std::size_t callee, std::size_t arguments);

/// The object that a class makes; nothing is known of it but the name.
void push_object(PickleMachine& machine, std::size_t maker);

/// What a persistent id stands for: a storage, a class, or an object.
void push_persistent(PickleMachine& machine, std::size_t id);

/// "module.name" of a class or function.
void push_name(PickleMachine& machine, std::string_view module, std::string_view name);

}  // namespace regard
