// HTTP/1.1 client: keep-alive pool per origin, TLS verified, one time limit per step and per call, cancellation, no
// redirects. Thread-safe; answers come on an I/O thread.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "http/message.hpp"
#include "http/runtime.hpp"

namespace carillon::http {

struct Call {
  Method method = Method::POST;
  std::string url;  // http:// or https://
  Fields headers;   // Host, Content-Length and Connection are set here
  std::string body;
  std::chrono::milliseconds connect_timeout{3'000};  // name, connect and TLS
  std::chrono::milliseconds timeout{10'000};         // whole call
  std::size_t answer_bytes_max = 1024 * 1024;
  // For a URL that somebody else has given: of the addresses its host has, only public ones (public_address.hpp) are
  // connected to; without one the call ends as RESOLVE. What was looked up is what is connected to.
  bool public_addresses_only = false;
};

// How far a failed call had come: what decides between "try elsewhere" and "nobody knows".
enum class Progress { NOT_SENT, MAYBE_SENT };  // MAYBE_SENT: at least one byte of the request was handed to the socket

// BAD_CALL: the URL or a header can't be sent as it is; trying again is no use.
enum class CallError {
  RESOLVE,
  CONNECT,
  TLS,
  TIMEOUT,
  RESET,
  ANSWER_TOO_LARGE,
  BAD_ANSWER,
  CANCELLED,
  POOL_EXHAUSTED,
  BAD_CALL
};

struct Answer {
  int status = 0;  // 0: no answer, see error
  Fields headers;
  std::string body;
  CallError error{};
  Progress progress = Progress::NOT_SENT;
  std::string detail;  // for logs; never holds headers or body
  std::chrono::microseconds took{};
};

struct ClientSettings {
  std::size_t connections_per_origin_max = 64;
  std::size_t waiting_per_origin_max = 10'000;  // calls that wait for a connection; more: POOL_EXHAUSTED
  std::chrono::milliseconds idle_max{15'000};   // an older idle connection is not used again
  std::string ca_file;                          // "" = the system's certificates
};

class Client {
 public:
  // Throws std::runtime_error when the certificates can't be read. The runtime must outlive the client.
  Client(Runtime& runtime, ClientSettings settings = {});
  ~Client();  // cancels what runs; callbacks come with CANCELLED before it returns
  // An idle connection that the other end has closed is noticed before it is used, so a reused connection is not
  // a reason for MAYBE_SENT by itself. `done` is called exactly once, never from inside call() while the client lives,
  // and must not throw or block.
  void call(Call call, std::function<void(Answer)> done);
  Answer call_and_wait(Call call);  // for command line and tests; not on an I/O thread

 private:
  struct State;
  std::shared_ptr<State> state_;
};

const char* to_string(CallError error);

}  // namespace carillon::http
