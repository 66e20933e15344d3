// The process's I/O threads and timers, shared by HTTP servers and clients, which it must outlive. Thread-safe. Each
// thread has its own event loop; a connection stays on one loop for life. Work that throws ends the program: it would
// be a bug.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace carillon::http {

class Runtime {
 public:
  explicit Runtime(int threads = 1, std::string thread_name = "http-io");
  ~Runtime();                             // stop()
  void stop();                            // ends all I/O; joins the threads; not on one of them
  void post(std::function<void()> work);  // runs soon on an I/O thread; must not block
  void after(std::chrono::milliseconds delay, std::function<void()> work);
  struct State;
  State& state() { return *state_; }  // for libs/http itself (holds the io_context)

 private:
  std::unique_ptr<State> state_;
};

}  // namespace carillon::http
