#include "service/failpoint.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

#include "postgres/errors.hpp"

namespace carillon {
namespace {

enum class Action { KILL, ERROR };

struct Failpoint {
  Action action;
  std::uint64_t at;  // the pass that triggers, counted from 1
  std::uint64_t passes = 0;
};

using Failpoints = std::map<std::string, Failpoint, std::less<>>;

std::atomic<bool> any_set{false};
std::mutex mutex;  // guards failpoints
Failpoints& failpoints() {
  static Failpoints set;
  return set;
}

// "name=kill@3"; "@1" may be left out.
std::pair<std::string, Failpoint> parse(std::string_view text) {
  const std::invalid_argument bad("failpoint '" + std::string(text) +
                                  "': must be name=kill@N or name=error@N, N from 1");
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) throw bad;
  const std::string_view right = text.substr(equals + 1), action = right.substr(0, right.find('@'));
  if (action != "kill" && action != "error") throw bad;
  std::uint64_t at = 1;
  if (action.size() < right.size()) {
    const std::string_view count = right.substr(action.size() + 1);
    const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), at);
    if (error != std::errc{} || end != count.data() + count.size() || at == 0) throw bad;
  }
  return {std::string(text.substr(0, equals)), {action == "kill" ? Action::KILL : Action::ERROR, at}};
}

}  // namespace

void configure_failpoints(std::string_view text) {
  Failpoints parsed;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    if (end > 0) parsed.insert(parse(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const std::lock_guard lock(mutex);
  failpoints() = std::move(parsed);
  any_set.store(!failpoints().empty(), std::memory_order_relaxed);
}

void failpoint(const char* name) {
  if (!any_set.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex);
  const auto found = failpoints().find(std::string_view(name));
  if (found == failpoints().end() || ++found->second.passes != found->second.at) return;
  if (found->second.action == Action::ERROR) throw pg::Unavailable(std::string("failpoint ") + name);
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();  // the signal may take a moment; nothing more must happen in this thread
}

}  // namespace carillon
