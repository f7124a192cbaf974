#pragma once

#include <csignal>

namespace regard {

/// During its lifetime SIGINT and SIGTERM request a stop after the current work; a second signal ends the
/// program.
class Interrupt {
 public:
  Interrupt() {
    requested_ = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { requested_ = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, &interrupt_);
    sigaction(SIGTERM, &action, &terminate_);
  }
  ~Interrupt() {
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGTERM, &terminate_, nullptr);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool requested() const { return requested_ != 0; }

 private:
  static inline volatile std::sig_atomic_t requested_ = 0;
  struct sigaction interrupt_ {
  }, terminate_{};
};

}  // namespace regard
