#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "regard/core/bounded_queue.h"
#include "regard/http/message.h"

namespace regard {

/// Threads that work on requests, and a bounded queue before them. Requests whose clients have gone are
/// dropped when their turn comes.
class Workers {
 public:
  using Work = std::function<HttpAnswer()>;

  /// `waiting`: requests that may wait for a thread.
  Workers(std::size_t threads, std::size_t waiting);
  /// Finishes what is in the queue.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// The request is answered by what `work` returns or throws (answer_of); with 503 at once if the queue is
  /// full.
  void take(const HttpReply& reply, Work work);

  std::size_t waiting() const { return queue_.size(); }
  std::size_t capacity() const { return queue_.capacity(); }
  std::size_t threads() const { return threads_.size(); }
  /// Requests that a thread works on.
  std::size_t working() const { return working_; }
  /// Requests that were dropped.
  std::size_t abandoned() const { return abandoned_; }

 private:
  struct Job {
    HttpReply reply;
    Work work;
  };

  void run();
  int seconds_until_room() const;

  BoundedQueue<Job> queue_;
  std::atomic<std::size_t> working_ = 0, abandoned_ = 0;
  std::atomic<double> seconds_per_job_ = 0.1;
  std::vector<std::jthread> threads_;
};

}  // namespace regard
