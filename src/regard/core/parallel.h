#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace regard {

/// One thread per core, at most 16.
inline std::size_t usual_threads() {
  return std::clamp(std::thread::hardware_concurrency(), 1u, 16u);
}

/// `jobs` as requested; 0: one per core.
inline int jobs_or_cores(int jobs) {
  return jobs > 0 ? jobs : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

/// Calls work(thread, index) once for every index below `count`, from several threads at once; `thread`
/// counts from 0. If a call throws, the remaining indices are skipped, and the exception of the lowest index
/// is rethrown.
template <class Work>
void for_each_index(std::size_t count, std::size_t threads, Work work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr error;
  std::size_t failed = std::numeric_limits<std::size_t>::max();
  const auto run = [&](std::size_t thread) {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        work(thread, i);
      } catch (...) {
        // Lower indices were started before this one, and their threads finish them.
        next = count;
        const std::lock_guard lock(mutex);
        if (i < failed) failed = i, error = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(threads, count); ++i) others.emplace_back(run, i);
    run(0);
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace regard
