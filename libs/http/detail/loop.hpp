// One I/O thread with its event loop, and the ways into it from other threads.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/runtime.hpp"

namespace carillon::http::detail {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;

// How often deadlines are looked at. One timer per loop instead of one per operation; a limit may be late by this much.
inline constexpr std::chrono::milliseconds sweep_interval{100};

class Task {
 public:
  virtual ~Task() = default;
  virtual void run() = 0;
};

template <class F>
class FunctionTask final : public Task {
 public:
  explicit FunctionTask(F function) : function_(std::move(function)) {}
  void run() override { function_(); }

 private:
  F function_;
};

template <class F>
std::unique_ptr<Task> make_task(F function) {
  return std::make_unique<FunctionTask<F>>(std::move(function));
}

// Tasks for a loop from any thread, in order. However many are submitted while the loop is busy, it is woken once.
// May outlive the loop.
class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  explicit Inbox(asio::io_context& io) : io_(&io) {}
  bool submit(std::unique_ptr<Task>& task);  // false: the loop has ended and `task` is left as it was
  bool drain();                              // on the loop's thread, or when that has ended; false: nothing was there
  void close();

 private:
  std::mutex mutex_;
  asio::io_context* io_;  // guarded by mutex_, like all below
  std::vector<std::unique_ptr<Task>> tasks_;
  bool drain_posted_ = false;
};

// Something with deadlines, looked at every sweep_interval on the loop's thread.
class Sweeper {
 public:
  virtual ~Sweeper() = default;
  virtual void sweep(SteadyTime now) = 0;
};

class Loop {
 public:
  explicit Loop(const std::string& thread_name);
  asio::io_context& io() { return io_; }
  const std::shared_ptr<Inbox>& inbox() const { return inbox_; }
  bool is_current() const { return is_current(this); }
  static bool is_current(const Loop* loop);          // called on its thread? `loop` may have ended
  void run_and_wait(std::function<void()> work);     // on the loop's thread, or here when that has ended
  void add_sweeper(std::weak_ptr<Sweeper> sweeper);  // from any thread
  void interrupt();                                  // no more I/O
  void join();                                       // after interrupt(): runs here what was still submitted

 private:
  void run(const std::string& thread_name);
  void arm_sweep();
  void sweep();

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> keep_running_;
  asio::steady_timer sweep_timer_;
  std::vector<std::weak_ptr<Sweeper>> sweepers_;
  std::shared_ptr<Inbox> inbox_;
  std::thread thread_;
};

// Threads that never get the process's signals: those are main's.
void block_signals_in_this_thread();

}  // namespace carillon::http::detail

namespace carillon::http {

struct Runtime::State {
  std::vector<std::unique_ptr<detail::Loop>> loops;  // at least one
  std::once_flag stop_once;
  std::atomic<bool> stopped{false};
};

}  // namespace carillon::http
