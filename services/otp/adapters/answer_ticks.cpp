#include "otp/adapters/answer_ticks.hpp"

#include <algorithm>

#include "service/thread_name.hpp"

namespace carillon::otp {

void AnswerTicks::start() {
  const std::lock_guard lock(mutex_);
  if (running_ || interval_.count() == 0) return;
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void AnswerTicks::stop() {
  std::vector<Waiting> left;
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
    left.swap(waiting_);
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (Waiting& each : left) each.reply(std::move(each.response));
}

void AnswerTicks::answer(SteadyTime asked_at, http::Reply reply, http::Response response) {
  {
    const std::lock_guard lock(mutex_);
    if (running_) {
      const auto intervals = (clock_.steady() - asked_at) / interval_ + 1;
      waiting_.push_back({asked_at + intervals * interval_, std::move(reply), std::move(response)});
      std::push_heap(waiting_.begin(), waiting_.end());
      changed_.notify_one();
      return;
    }
  }
  reply(std::move(response));
}

void AnswerTicks::run() {
  name_this_thread("otp-answers");
  std::unique_lock lock(mutex_);
  while (running_) {
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    if (const SteadyTime due = waiting_.front().due; clock_.steady() < due) {
      changed_.wait_until(lock, due);
      continue;
    }
    std::pop_heap(waiting_.begin(), waiting_.end());
    Waiting next = std::move(waiting_.back());
    waiting_.pop_back();
    lock.unlock();
    next.reply(std::move(next.response));
    lock.lock();
  }
}

}  // namespace carillon::otp
