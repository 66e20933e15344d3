// What a session does with a request it has read: the same for HTTP and SMTP.
#pragma once
#include <chrono>
#include <functional>
#include <string>

namespace carillon::sandbox {

enum class Action { SEND, SEND_AND_CLOSE, SEND_AND_RESET, HANG, RESET, CLOSE };

struct Answer {
  Action action = Action::SEND;
  std::string bytes;                   // as they go over the wire
  std::chrono::milliseconds delay{0};  // before the action
  std::function<void()> sent;          // after SEND; may be empty
  // Before the delay: nothing happens until it has called what it is given. May be empty. SMTP has none.
  std::function<void(std::function<void()> go_on)> first;
  // Instead of `bytes`, asked for when they go out: what `first` has brought. May be empty. SMTP has none.
  std::function<std::string()> late_bytes;
};

inline Answer send_at_once(std::string bytes) {
  return {Action::SEND, std::move(bytes), {}, {}, {}, {}};
}

}  // namespace carillon::sandbox
