#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace regard {

/// Things that are dear to make and serve one user at a time: taken from those that lie idle, made where none
/// does, and put back. Several threads may do so at once.
template <class Thing>
class Pool {
 public:
  template <class Make>
  Thing take(Make&& make) {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Thing thing = std::move(idle_.back());
        idle_.pop_back();
        return thing;
      }
    }
    return make();
  }

  void put_back(Thing thing) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(thing));
  }

 private:
  std::mutex mutex_;
  std::vector<Thing> idle_;
};

}  // namespace regard
