#include "health-aggregator/adapters/message_detail.hpp"

#include <fmt/format.h>

#include "health-aggregator/adapters/page_values.hpp"
#include "pages/times.hpp"

namespace carillon::health {

using events::MessageEvent;
using events::Status;
using pages::Values;
using namespace std::chrono_literals;

namespace {

// "40 ms", "0.3 s", "12 min": how long after the step before.
std::string wait_text(std::optional<UtcTime> before, UtcTime at) {
  if (!before || at <= *before) return "";
  const auto wait = at - *before;
  if (wait < 100ms) return fmt::format("{} ms", std::chrono::floor<std::chrono::milliseconds>(wait).count());
  if (wait < 1min) return fmt::format("{:.1f} s", std::chrono::duration<double>(wait).count());
  return pages::span_text(std::chrono::floor<std::chrono::seconds>(wait));
}

void set(Values& values, const char* name, const std::string& text) {
  if (!text.empty()) values[name] = text;
}

Values step_of(const MessageEvent& event, std::optional<UtcTime> before, UtcTime now) {
  Values step = object_values();
  const UtcTime at = event.occurred_at.value_or(now);
  step["tone"] = class_of(status_tone(event.status));
  step["what"] = step_words(event);
  step["at"] = pages::time_tag(at, now);
  step["exact"] = pages::exact_text(at);
  set(step, "wait", wait_text(before, at));
  if (event.attempt > 0) step["attempt"] = std::to_string(event.attempt);
  if (event.round > 0) step["round"] = std::to_string(event.round);
  set(step, "reason", reason_words(event.reason));
  set(step, "code", event.provider_code);
  set(step, "detail", event.detail);
  set(step, "provider_id", event.provider_message_id);
  if (event.latency_ms > 0) step["latency"] = fmt::format("{} ms", event.latency_ms);
  if (event.next_attempt_at && *event.next_attempt_at > now)
    step["next"] = pages::time_tag(*event.next_attempt_at, now);
  if (event.extra_call) step["extra"] = Values{true};
  return step;
}

// A form names the recipient by its reference; nothing personal goes through the page. One that was erased has none.
void add_actions(Values& values, const MessageView& message) {
  const Status status = message.status.value_or(Status::STATUS_UNSPECIFIED);
  if (status == Status::UNCONFIRMED) values["undecided"] = Values{true};
  if (is_final(status) || message.delivery_status) values["over"] = Values{true};
  if (is_reference(message.facts.recipient_hash)) {
    Values suppress = object_values();
    suppress["channel"] = events::enum_name(message.facts.channel);
    suppress["channel_words"] = channel_words(message.facts.channel);
    suppress["hash"] = message.facts.recipient_hash;
    values["suppress"] = std::move(suppress);
  }
}

}  // namespace

Values message_values(const MessageView& message, bool in_clear, UtcTime now) {
  const MessageEvent& facts = message.facts;
  Values values = object_values();
  const Status status = shown_status(message);
  values["id"] = message.message_id;
  values["status"] = status_words(status);
  values["tone"] = class_of(status_tone(status));
  values["accepted"] = pages::time_tag(message.accepted_at, now);
  values["channel"] = channel_words(facts.channel);
  set(values, "template", facts.template_key);
  if (facts.template_version > 0) values["version"] = std::to_string(facts.template_version);
  set(values, "priority",
      reason_words(facts.priority == events::Priority::PRIORITY_UNSPECIFIED
                       ? std::string_view{}
                       : std::string_view(events::enum_name(facts.priority))));
  set(values, "client", facts.client_id);
  set(values, "source", facts.source);
  if (facts.sms_segments > 0) values["segments"] = std::to_string(facts.sms_segments);
  values["masked"] = facts.recipient_masked.empty() ? "not known" : facts.recipient_masked;
  if (in_clear)
    values[facts.recipient.empty() ? "sealed" : "clear"] =
        facts.recipient.empty() ? Values{true} : Values{facts.recipient};
  else if (!facts.recipient.empty())
    values["can_reveal"] = Values{true};
  Values metadata = list_values();
  for (const auto& [name, text] : facts.metadata) {
    Values one = object_values();
    one["name"] = name;
    one["text"] = text;
    metadata << one;
  }
  values["metadata"] = std::move(metadata);
  Values steps = list_values();
  std::optional<UtcTime> before;
  for (const MessageEvent& event : message.history) {
    steps << step_of(event, before, now);
    before = event.occurred_at;
  }
  values["steps"] = std::move(steps);
  add_actions(values, message);
  return values;
}

}  // namespace carillon::health
