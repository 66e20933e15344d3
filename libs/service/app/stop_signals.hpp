// SIGTERM and SIGINT as something to wait for. One object, made in main before any other thread so that all inherit the
// blocked signals; destroying it gives the signals back their former handling.
#pragma once
#include <signal.h>

#include <chrono>
#include <string>

namespace carillon::service {

class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Blocks until one comes; its name. After it the next signal ends the process at once.
  std::string wait();
  // True when one came within `limit`; then the next signal ends the process at once and wait() returns at once.
  bool wait_for(std::chrono::milliseconds limit);

 private:
  void came(int signal);
  sigset_t stopping_;
  sigset_t before_;
  struct sigaction pipe_before_ {};
  int came_ = 0;
};

}  // namespace carillon::service
