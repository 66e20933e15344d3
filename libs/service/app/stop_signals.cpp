#include "service/app/stop_signals.hpp"

#include <pthread.h>

#include <cerrno>
#include <ctime>

namespace carillon::service {

StopSignals::StopSignals() {
  sigemptyset(&stopping_);
  sigaddset(&stopping_, SIGTERM);
  sigaddset(&stopping_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stopping_, &before_);
  // A peer that hangs up is an error of that write, not the end of the process.
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &pipe_before_);
}

StopSignals::~StopSignals() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  sigaction(SIGPIPE, &pipe_before_, nullptr);
}

void StopSignals::came(int signal) {
  came_ = signal;
  pthread_sigmask(SIG_UNBLOCK, &stopping_, nullptr);
}

std::string StopSignals::wait() {
  while (came_ == 0) {
    int signal = 0;
    if (sigwait(&stopping_, &signal) == 0) came(signal);
  }
  return came_ == SIGTERM ? "SIGTERM" : "SIGINT";
}

bool StopSignals::wait_for(std::chrono::milliseconds limit) {
  if (came_ != 0) return true;
  timespec time{};
  time.tv_sec = static_cast<std::time_t>(limit.count() / 1000);
  time.tv_nsec = static_cast<long>(limit.count() % 1000) * 1'000'000;
  const int signal = sigtimedwait(&stopping_, nullptr, &time);
  if (signal > 0) came(signal);
  return came_ != 0;
}

}  // namespace carillon::service
