// Answers that wait for the next whole multiple of an interval since their question came, so that the time an answer
// takes says nothing about the work behind it.
//
// Thread-safe; does not block. What waits is bounded by what the service takes in: one answer a request.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "http/router.hpp"
#include "time/clock.hpp"

namespace carillon::otp {

class AnswerTicks {
 public:
  AnswerTicks(const Clock& clock, std::chrono::milliseconds interval) : clock_(clock), interval_(interval) {}
  ~AnswerTicks() { stop(); }
  void start();
  void stop();  // answers at once what waits; later answers leave at once
  void answer(SteadyTime asked_at, http::Reply reply, http::Response response);

 private:
  struct Waiting {
    SteadyTime due;
    http::Reply reply;
    http::Response response;
    bool operator<(const Waiting& other) const { return due > other.due; }  // the earliest on top of the heap
  };
  void run();

  const Clock& clock_;
  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;  // a heap; guarded by mutex_
  bool running_ = false;          // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::otp
