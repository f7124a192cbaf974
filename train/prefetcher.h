#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <utility>

#include "regard/core/bounded_queue.h"
#include "regard/core/error.h"

namespace regard {

/// Computes items ahead in a separate thread, by consecutive numbers; at most `depth` wait. Items depend only
/// on their number, not on timing.
template <class Thing>
class Prefetcher {
 public:
  using Make = std::function<Thing(std::int64_t number)>;

  /// Of the numbers `begin` to `end` - 1.
  Prefetcher(Make make, std::int64_t begin, std::int64_t end, std::size_t depth)
      : queue_(depth), thread_([this, make = std::move(make), begin, end] { run(make, begin, end); }) {}
  ~Prefetcher() { queue_.cancel(); }
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// Waits for the next one. Rethrows its exception; throws Error after the last.
  Thing next() {
    auto thing = queue_.pop();
    if (thing) return *std::move(thing);
    if (error_) std::rethrow_exception(error_);
    throw Error("there is nothing left to prefetch");
  }

 private:
  void run(const Make& make, std::int64_t begin, std::int64_t end) {
    try {
      for (auto number = begin; number < end; ++number)
        if (!queue_.push(make(number))) return;
    } catch (...) {
      error_ = std::current_exception();  // which whoever finds the queue closed may read
    }
    queue_.close();
  }

  BoundedQueue<Thing> queue_;
  std::exception_ptr error_;
  std::jthread thread_;  // the last member: it uses the others
};

}  // namespace regard
