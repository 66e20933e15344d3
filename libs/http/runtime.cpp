#include "http/runtime.hpp"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <future>

#include "http/detail/loop.hpp"

namespace carillon::http {
namespace detail {
namespace {

thread_local const Loop* current_loop = nullptr;

}  // namespace

void block_signals_in_this_thread() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

bool Inbox::submit(std::unique_ptr<Task>& task) {
  const std::lock_guard lock(mutex_);
  if (io_ == nullptr) return false;
  tasks_.push_back(std::move(task));
  if (!drain_posted_) {
    drain_posted_ = true;
    asio::post(*io_, [self = shared_from_this()] { self->drain(); });
  }
  return true;
}

bool Inbox::drain() {
  std::vector<std::unique_ptr<Task>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
    drain_posted_ = false;
  }
  for (auto& task : tasks) {
    task->run();
    task.reset();  // what it holds goes with it, not at the end of the batch
  }
  return !tasks.empty();
}

void Inbox::close() {
  const std::lock_guard lock(mutex_);
  io_ = nullptr;
}

Loop::Loop(const std::string& thread_name)
    : keep_running_(asio::make_work_guard(io_)), sweep_timer_(io_), inbox_(std::make_shared<Inbox>(io_)) {
  arm_sweep();
  thread_ = std::thread([this, thread_name] { run(thread_name); });
}

void Loop::run(const std::string& thread_name) {
  block_signals_in_this_thread();
  pthread_setname_np(pthread_self(), thread_name.c_str());
  current_loop = this;
  io_.run();
}

bool Loop::is_current(const Loop* loop) {
  return current_loop == loop;
}

void Loop::run_and_wait(std::function<void()> work) {
  if (is_current()) return work();
  std::promise<void> done;
  auto task = make_task([&] {
    work();
    done.set_value();
  });
  if (inbox_->submit(task)) {
    done.get_future().wait();
  } else {
    work();
  }
}

void Loop::add_sweeper(std::weak_ptr<Sweeper> sweeper) {
  run_and_wait([&] { sweepers_.push_back(std::move(sweeper)); });
}

void Loop::arm_sweep() {
  sweep_timer_.expires_after(sweep_interval);
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    sweep();
    arm_sweep();
  });
}

void Loop::sweep() {
  std::erase_if(sweepers_, [](const auto& sweeper) { return sweeper.expired(); });
  const auto now = std::chrono::steady_clock::now();
  const auto sweepers = sweepers_;  // a sweep may add another
  for (const auto& weak : sweepers) {
    if (const auto sweeper = weak.lock()) sweeper->sweep(now);
  }
}

void Loop::interrupt() {
  io_.stop();
}

void Loop::join() {
  thread_.join();
  while (inbox_->drain()) {
  }
  inbox_->close();
  while (inbox_->drain()) {  // what came between the two
  }
}

}  // namespace detail

Runtime::Runtime(int threads, std::string thread_name) : state_(std::make_unique<State>()) {
  for (int i = 0; i < std::max(threads, 1); ++i) state_->loops.push_back(std::make_unique<detail::Loop>(thread_name));
}

Runtime::~Runtime() {
  stop();
}

void Runtime::stop() {
  std::call_once(state_->stop_once, [this] {
    for (const auto& loop : state_->loops) loop->interrupt();
    for (const auto& loop : state_->loops) loop->join();
    state_->stopped = true;
  });
}

void Runtime::post(std::function<void()> work) {
  auto task = detail::make_task(std::move(work));
  state_->loops.front()->inbox()->submit(task);
}

void Runtime::after(std::chrono::milliseconds delay, std::function<void()> work) {
  detail::Loop& loop = *state_->loops.front();
  // Armed on the loop's thread, so that the timer is never touched by two threads.
  auto task = detail::make_task([&loop, delay, work = std::move(work)]() mutable {
    auto timer = std::make_shared<detail::asio::steady_timer>(loop.io(), delay);
    timer->async_wait([timer, run = std::move(work)](const boost::system::error_code& error) {
      if (!error) run();
    });
  });
  loop.inbox()->submit(task);
}

}  // namespace carillon::http
