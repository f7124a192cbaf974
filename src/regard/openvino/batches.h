#pragma once

#include <cstddef>

namespace regard {

/// Items that go through a network at once, if there are so many: larger batches take memory and are not
/// faster.
inline constexpr std::size_t kLargestBatch = 4;

/// Calls `run(first, size)` for parts of `count` items: kLargestBatch of them each, and what is left one by
/// one. A network keeps buffers and code for every size of batch that it has met; these are two, or one
/// where faces are few.
template <class Run>
void in_batches(std::size_t count, Run&& run) {
  for (std::size_t first = 0; first < count;) {
    const std::size_t size = count - first >= kLargestBatch ? kLargestBatch : 1;
    run(first, size);
    first += size;
  }
}

}  // namespace regard
