#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <future>
#include <optional>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "regard/core/bounded_queue.h"

namespace regard {

/// The numbers from 0 to below `count`, as a stream for map_in_order.
inline auto counted(std::size_t count) {
  return [i = std::size_t{0}, count]() mutable { return i < count ? std::optional(i++) : std::nullopt; };
}

struct OrderedMapOptions {
  std::size_t workers = 1;    ///< threads that `map` runs in; 0 counts as 1
  std::size_t window = 0;     ///< items between `next` and the end of `sink`, at least 3; 0: 2 x workers + 2
  std::stop_token stop = {};  ///< once asked to stop, no further item is taken; those taken are finished
};

/// Calls `map` on a stream of items in several threads, and hands the results on in the items' order:
///
///     next() -> std::optional<Item>    in a thread of its own, one call at a time; none: the end
///     map(Item) -> Result              in `workers` threads
///     sink(std::future<Result>)        in the calling thread, one call at a time
///
/// An exception of `map` belongs to its item: the future throws it, and the rest goes on. One of
/// `next` ends the stream: what came before is finished, then it is thrown. One of `sink` is thrown at once;
/// what is not yet mapped is dropped.
///
/// No more than `window` items are anywhere between `next` and the end of their `sink`, however long the
/// stream is.
template <class Next, class Map, class Sink>
void map_in_order(Next next, Map map, Sink sink, const OrderedMapOptions& options = {}) {
  using Item = typename std::invoke_result_t<Next&>::value_type;
  using Result = std::invoke_result_t<Map&, Item>;
  const std::size_t workers = std::max<std::size_t>(1, options.workers);
  const std::size_t window = options.window > 0 ? options.window : 2 * workers + 2;
  // One more item is in the reader's hands and one in the sink's.
  BoundedQueue<std::future<Result>> results(std::max<std::size_t>(3, window) - 2);
  BoundedQueue<std::packaged_task<Result()>> work(results.capacity());
  std::exception_ptr error;

  const auto read = [&] {
    try {
      while (!options.stop.stop_requested()) {
        std::optional<Item> item = next();
        if (!item) break;
        std::packaged_task<Result()> task(
            [&map, item = std::move(*item)]() mutable { return map(std::move(item)); });
        if (!results.push(task.get_future()) || !work.push(std::move(task))) break;
      }
    } catch (...) {
      error = std::current_exception();
    }
    results.close(), work.close();
  };
  const auto run = [&] {
    while (auto task = work.pop()) (*task)();
  };

  {
    std::vector<std::jthread> threads;  // joined where this block ends
    try {
      threads.emplace_back(read);
      for (std::size_t i = 0; i < workers; ++i) threads.emplace_back(run);
      while (auto result = results.pop()) sink(std::move(*result));
    } catch (...) {
      work.cancel(), results.cancel();
      throw;
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace regard
