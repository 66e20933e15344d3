// HTTP/1.1 server: keep-alive, pipelining in order, limits, graceful stop.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "http/router.hpp"
#include "http/runtime.hpp"

namespace carillon::http {

struct ServerSettings {
  std::string address = "127.0.0.1";
  int port = 0;                                      // 0: the system chooses
  std::size_t body_bytes_max = 1024 * 1024;          // more: 413 and close; see Router::allow_large_body
  std::size_t large_bodies_max = 8;                  // requests at once whose body is larger than that; more: 503
  std::size_t header_bytes_max = 16 * 1024;          // more: 431 and close
  std::size_t connections_max = 4096;                // more: accepted and closed with 503
  std::chrono::milliseconds header_timeout{10'000};  // whole header of a request; slow senders are cut off (408)
  std::chrono::milliseconds body_timeout{20'000};
  std::chrono::milliseconds idle_timeout{75'000};  // between requests
  std::chrono::milliseconds write_timeout{20'000};
  int workers = 4;  // threads for blocking handlers
  std::size_t work_queue_max = 512;
  std::size_t streams_max = 64;  // answers that go on (stream.hpp); more: 503
  std::chrono::milliseconds stream_lifetime{300'000};
  std::chrono::milliseconds stream_heartbeat{15'000};
};

struct ServerHooks {
  // Called once per answered request, on an I/O thread; must not block. `route` is the pattern or "" for none.
  // Of a request that went to an AsyncHandler only method, target, path, peer and trace (with the header that named it)
  // are left.
  std::function<void(const Request&, const Response&, std::string_view route, std::chrono::microseconds)> on_answer;
  // Turns what a handler threw into an answer; default 500 INTERNAL_ERROR without details.
  std::function<Response(const Request&, std::exception_ptr)> on_exception;
};

class Server {
 public:
  // Binds and listens at once; throws std::runtime_error naming address and port when that fails.
  Server(Runtime& runtime, ServerSettings settings, Router router, ServerHooks hooks = {});
  ~Server();  // stop(0)
  int port() const;
  // No new connections; idle ones closed; running requests get up to `grace` to be answered (Connection: close);
  // streams end.
  // Blocks, also for a blocking handler that still runs. Not on an I/O thread or in a handler.
  void stop(std::chrono::milliseconds grace);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace carillon::http
