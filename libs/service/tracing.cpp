#include "service/tracing.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <iterator>
#include <mutex>
#include <utility>

#include "security/digest.hpp"
#include "service/log.hpp"

namespace carillon::tracing {
namespace {

constexpr std::size_t trace_at = 3, trace_digits = 32, span_at = 36, span_digits = 16, flags_at = 53;
constexpr std::size_t traceparent_chars = 55;

std::atomic<bool> is_logged{false}, is_kept{false};

struct Waiting {
  std::mutex mutex;
  std::deque<Span> spans;     // mutex
  std::uint64_t dropped = 0;  // mutex
};

// For the process's life: threads may still record while statics are destroyed.
Waiting& waiting() {
  static auto* const made = new Waiting;  // NOLINT
  return *made;
}

bool is_sampled(std::string_view traceparent) {
  const char digit = traceparent[flags_at + 1];
  return (digit >= 'a' ? digit - 'a' + 10 : digit - '0') % 2 == 1;
}

void say(const Span& span) {
  std::string attributes;
  for (const auto& [name, value] : span.attributes) attributes += (attributes.empty() ? "" : " ") + name + "=" + value;
  log::debug("span",
             {{"name", span.name},
              {"span_id", span.span_id},
              {"took_us", (span.ended - span.began).count()},
              {"failed", span.failed},
              {"attributes", attributes}},
             span.trace_id);
}

}  // namespace

void configure(bool logged, bool kept) {
  is_logged = logged;
  is_kept = kept;
}

bool is_on() {
  return is_logged.load(std::memory_order_relaxed) || is_kept.load(std::memory_order_relaxed);
}

Span child_of(std::string_view traceparent, std::string name, Kind kind) {
  Span span;
  if (traceparent.size() < traceparent_chars) return span;
  span.trace_id = traceparent.substr(trace_at, trace_digits);
  span.parent_span_id = traceparent.substr(span_at, span_digits);
  span.span_id = security::hex(security::random_bytes(span_digits / 2));
  span.name = std::move(name);
  span.kind = kind;
  return span;
}

void record(Span span, std::string_view traceparent) {
  if (span.trace_id.empty() || traceparent.size() < traceparent_chars) return;
  if (is_logged) say(span);
  if (!is_kept || !is_sampled(traceparent)) return;
  Waiting& kept = waiting();
  const std::lock_guard lock(kept.mutex);
  if (kept.spans.size() < spans_kept_max) {
    kept.spans.push_back(std::move(span));
  } else {
    ++kept.dropped;
  }
}

std::vector<Span> take(std::size_t spans_max) {
  Waiting& kept = waiting();
  const std::lock_guard lock(kept.mutex);
  const auto end = kept.spans.begin() + static_cast<std::ptrdiff_t>(std::min(spans_max, kept.spans.size()));
  std::vector<Span> taken(std::make_move_iterator(kept.spans.begin()), std::make_move_iterator(end));
  kept.spans.erase(kept.spans.begin(), end);
  return taken;
}

std::uint64_t take_dropped() {
  Waiting& kept = waiting();
  const std::lock_guard lock(kept.mutex);
  return std::exchange(kept.dropped, 0);
}

}  // namespace carillon::tracing
