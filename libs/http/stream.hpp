// An answer that goes on: text/event-stream (server-sent events, WHATWG HTML 9.2). A handler returns stream_answer();
// from then on any thread may send. Who sends keeps a weak_ptr, for the stream ends with its connection.
//
// Bounded by the server's settings: so many streams at once (more: 503), each for some minutes, after which browsers
// come back by themselves and the route's guard is asked again. A reader that leaves stream_unsent_bytes_max unread is
// cut off, as is one that takes nothing for write_timeout; one that hears nothing gets a comment now and then, so that
// proxies keep the connection. A server that stops ends its streams at once.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace carillon::http {

inline constexpr std::size_t stream_unsent_bytes_max = 256 * 1024;

// Thread-safe; nothing blocks.
class Stream {
 public:
  // One event; `data` may have several lines. Events are neither lost nor reordered while the stream lives.
  void send(std::string_view event, std::string_view data);

  // For the connection that carries it: takes what was sent so far, and gets everything after through `deliver`.
  void attach(std::function<void(std::string)> deliver);

 private:
  std::mutex mutex_;
  std::string early_;  // guarded by mutex_, like the next: sent before the answer's head
  std::function<void(std::string)> deliver_;
};

// As it goes over the wire.
std::string event_text(std::string_view event, std::string_view data);

// 200 with the stream, not to be cached or held back by proxies.
Response stream_answer(std::shared_ptr<Stream> stream);

}  // namespace carillon::http
