#include "regard/server/workers.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace regard {

Workers::Workers(std::size_t threads, std::size_t waiting) : queue_(waiting) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Workers::~Workers() {
  queue_.close();
}

void Workers::take(const HttpReply& reply, Work work) {
  if (!queue_.try_push({reply, std::move(work)}))
    reply(busy_answer("too many requests wait already", seconds_until_room()));
}

/// The time in which half of the queue is worked off, by a moving average.
int Workers::seconds_until_room() const {
  const double jobs = static_cast<double>(queue_.capacity()) / static_cast<double>(threads_.size());
  return std::clamp(static_cast<int>(std::ceil(jobs * seconds_per_job_ / 2)), 1, 60);
}

void Workers::run() {
  while (auto job = queue_.pop()) {
    if (job->reply.abandoned()) {
      ++abandoned_;
      continue;
    }
    ++working_;
    const auto start = std::chrono::steady_clock::now();
    job->reply(answer_of(job->work));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    seconds_per_job_ = seconds_per_job_ + 0.1 * (took.count() - seconds_per_job_);
    --working_;
  }
}

}  // namespace regard
