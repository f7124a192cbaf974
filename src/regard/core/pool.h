#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace regard {

/// Objects that are expensive to make and serve one user at a time. They are made when first needed, reused,
/// and never more than `capacity` of them exist: further users wait. Thread safe.
template <class T>
class Pool {
 public:
  /// By default one per core: more would compete for the cores and only take memory.
  explicit Pool(std::size_t capacity = std::thread::hardware_concurrency())
      : capacity_(std::max<std::size_t>(1, capacity)) {}

  /// Exclusive use of an object, which returns to the pool with the lease. If the holder is left by an
  /// exception, the object is destroyed instead, since its state is unknown.
  class Lease {
   public:
    Lease(Pool& pool, T object) : pool_(&pool), object_(std::move(object)) {}
    ~Lease() { pool_->release(std::uncaught_exceptions() > exceptions_ ? std::nullopt : std::move(object_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    T& operator*() { return *object_; }
    T* operator->() { return &*object_; }

   private:
    Pool* pool_;
    std::optional<T> object_;
    int exceptions_ = std::uncaught_exceptions();
  };

  /// An idle object, or a new one of `make`. Waits where `capacity` objects are in use.
  template <class Make>
  Lease take(Make&& make) {
    {
      std::unique_lock lock(mutex_);
      free_.wait(lock, [this] { return in_use_ < capacity_; });
      ++in_use_;
      if (!idle_.empty()) {
        T object = std::move(idle_.back());
        idle_.pop_back();
        return Lease(*this, std::move(object));
      }
    }
    try {
      return Lease(*this, make());
    } catch (...) {
      release(std::nullopt);
      throw;
    }
  }

 private:
  void release(std::optional<T> object) {
    {
      const std::lock_guard lock(mutex_);
      if (object) idle_.push_back(std::move(*object));
      --in_use_;
    }
    free_.notify_one();
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<T> idle_;
  std::size_t in_use_ = 0;
};

}  // namespace regard
