#include "regard/server/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>

namespace regard {
namespace {

/// Replies that note their answers.
class NotedReplies {
 public:
  HttpReply reply(bool abandoned = false) {
    return {[this](HttpAnswer answer) {
              const std::lock_guard lock(mutex_);
              answers_.push_back(std::move(answer));
            },
            [abandoned] { return abandoned; }};
  }
  std::vector<int> statuses() {
    const std::lock_guard lock(mutex_);
    std::vector<int> statuses;
    for (const auto& answer : answers_) statuses.push_back(answer.status);
    return statuses;
  }

 private:
  std::mutex mutex_;
  std::vector<HttpAnswer> answers_;
};

TEST(WorkersTest, WhatIsTooMuchIsAnsweredAtOnce) {
  NotedReplies noted;
  std::promise<void> started, go_on;
  std::shared_future<void> wait(go_on.get_future());
  {
    Workers workers(1, 1);
    workers.take(noted.reply(), [&]() -> HttpAnswer {
      started.set_value();
      wait.wait();
      return {.status = 201};
    });
    started.get_future().wait();
    EXPECT_EQ(workers.working(), 1u);
    workers.take(noted.reply(), [] { return HttpAnswer{.status = 202}; });
    EXPECT_EQ(workers.waiting(), 1u);
    workers.take(noted.reply(), [] { return HttpAnswer{.status = 203}; });
    EXPECT_THAT(noted.statuses(), testing::ElementsAre(503));
    go_on.set_value();
  }
  EXPECT_THAT(noted.statuses(), testing::ElementsAre(503, 201, 202));
}

TEST(WorkersTest, AbandonedRequestsAreNotWorkedOn) {
  NotedReplies noted;
  bool worked = false;
  {
    Workers workers(1, 4);
    workers.take(noted.reply(/*abandoned=*/true), [&] {
      worked = true;
      return HttpAnswer{};
    });
    for (int i = 0; i < 500 && workers.abandoned() == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(workers.abandoned(), 1u);
  }
  EXPECT_FALSE(worked);
  EXPECT_TRUE(noted.statuses().empty());
}

TEST(WorkersTest, ErrorsOfTheWorkAreAnswers) {
  NotedReplies noted;
  {
    Workers workers(1, 4);
    workers.take(noted.reply(), []() -> HttpAnswer { throw Error("wrong"); });
  }
  EXPECT_THAT(noted.statuses(), testing::ElementsAre(400));
}

}  // namespace
}  // namespace regard
