// Threads for handlers that block, behind a bounded queue.
#pragma once
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/detail/loop.hpp"

namespace carillon::http::detail {

// Thread-safe.
class WorkerPool {
 public:
  WorkerPool(int threads, std::size_t queue_max);
  ~WorkerPool();
  bool try_submit(std::unique_ptr<Task> task);  // false: the queue is full
  void stop();                                  // drops what has not begun, waits for what runs

 private:
  void run();

  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Task>> queue_;  // guarded by mutex_, like stopping_
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace carillon::http::detail
