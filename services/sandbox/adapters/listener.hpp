// TCP connections as callbacks on one thread. Asio stays in listener.cpp. Unlike libs/http it lets its user misbehave:
// break off, reset, answer garbage - that is what the sandbox is for.
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace carillon::sandbox {

// One thread that runs everything of its listeners.
class Loop {
 public:
  Loop();
  ~Loop();                                        // stop()
  void stop();                                    // closes all connections and joins; may be called twice
  void post(std::function<void()> work);          // runs soon on the thread; from any thread
  void run_and_wait(std::function<void()> work);  // not from the thread itself
  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

// The connection as its protocol sees it. Only on the loop's thread.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void write(std::string bytes) = 0;  // in order; a peer that doesn't read is cut off
  virtual void close() = 0;                   // after what was written
  virtual void reset() = 0;                   // RST at once; what was written first may get lost
  virtual void after(std::chrono::milliseconds delay,
                     std::function<void()> work) = 0;  // dropped when the connection ends
  virtual std::function<void()> while_open(
      std::function<void()> work) = 0;  // does nothing when the connection has ended
  virtual void keep_idle() = 0;         // from now on only the other end may end it
};

// One per connection, ends with it.
class Protocol {
 public:
  virtual ~Protocol() = default;
  virtual void opened() {}
  virtual void received(std::string_view bytes) = 0;
};

struct ListenerSettings {
  std::string address = "127.0.0.1";
  int port = 0;                         // 0: the system chooses
  std::size_t connections_max = 2'000;  // more are closed at once
  std::chrono::seconds idle_max{75};
};

class Listener {
 public:
  using MakeProtocol = std::function<std::unique_ptr<Protocol>(Peer&)>;
  // Listens at once; throws std::runtime_error naming address and port when that fails. `loop` must outlive it.
  Listener(Loop& loop, const ListenerSettings& settings, MakeProtocol make);
  ~Listener();  // no new connections; those there go on until the loop stops
  int port() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace carillon::sandbox
