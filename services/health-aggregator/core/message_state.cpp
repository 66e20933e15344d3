#include "health-aggregator/core/message_state.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "values/message_id.hpp"

namespace carillon::health {

using events::MessageEvent;
using events::Status;

int send_rank(Status status) {
  switch (status) {
    case Status::SCHEDULED:
      return 10;
    case Status::DEFERRED_THROTTLED:
      return 20;
    case Status::QUEUED:
      return 30;
    case Status::ATTEMPT_FAILED:
    case Status::UNCONFIRMED:
      return 40;
    // Only one final state should ever come. Should two, the one that says "a provider has it" wins everywhere.
    case Status::CANCELLED:
      return final_rank + 1;
    case Status::EXPIRED:
      return final_rank + 2;
    case Status::FAILED:
      return final_rank + 3;
    case Status::SENT:
      return final_rank + 4;
    case Status::STATUS_UNSPECIFIED:
    case Status::DELIVERED:
    case Status::BOUNCED:
    case Status::COMPLAINED:
    case Status::UNDELIVERED:
      return 0;
    default:
      return final_rank;  // BLOCKED_*
  }
}

int delivery_rank(Status status) {
  switch (status) {
    case Status::DELIVERED:
      return 1;
    case Status::UNDELIVERED:
      return 2;
    case Status::BOUNCED:
      return 3;
    case Status::COMPLAINED:
      return 4;
    default:
      return 0;
  }
}

bool is_final(Status status) {
  return send_rank(status) >= final_rank;
}

bool is_failure(Status status) {
  return status == Status::FAILED || status == Status::BOUNCED || status == Status::UNDELIVERED;
}

namespace {

// Of two states of one rank and attempt UNCONFIRMED says more than ATTEMPT_FAILED.
auto send_order(const MessageEvent& event) {
  return std::tuple{send_rank(event.status), event.attempt, event.status == Status::UNCONFIRMED};
}

// Across calls: a message that arrived by one of them has arrived, whatever became of the others; a complaint is about
// the message.
int delivery_rank_across_attempts(Status status) {
  switch (status) {
    case Status::UNDELIVERED:
      return 1;
    case Status::BOUNCED:
      return 2;
    case Status::DELIVERED:
      return 3;
    case Status::COMPLAINED:
      return 4;
    default:
      return 0;
  }
}

using ByAttempt = std::map<std::int32_t, const MessageEvent*>;

void take_if_higher(const MessageEvent*& kept, const MessageEvent* event) {
  if (kept == nullptr || delivery_rank(event->status) >= delivery_rank(kept->status)) kept = event;
}

// What each call came to, by rank. A receipt that names no attempt may be of any.
ByAttempt deliveries_of(const std::vector<MessageEvent>& history) {
  ByAttempt by_attempt;
  const MessageEvent* of_any = nullptr;
  for (const MessageEvent& event : history) {
    if (delivery_rank(event.status) > 0) take_if_higher(event.attempt > 0 ? by_attempt[event.attempt] : of_any, &event);
  }
  if (of_any == nullptr) return by_attempt;
  if (by_attempt.empty()) by_attempt[0] = of_any;
  for (auto& [attempt, event] : by_attempt) {
    if (delivery_rank(of_any->status) > delivery_rank(event->status)) event = of_any;
  }
  return by_attempt;
}

const MessageEvent* delivery_of(const std::vector<MessageEvent>& history) {
  const MessageEvent* deciding = nullptr;
  int rank = 0;
  for (const auto& [attempt, event] : deliveries_of(history)) {
    const int of_event = delivery_rank_across_attempts(event->status);
    if (of_event >= rank) deciding = event;
    rank = std::max(rank, of_event);
  }
  return deciding;
}

void fill(std::string& into, const std::string& from) {
  if (into.empty()) into = from;
}

void merge_facts(MessageEvent& facts, const MessageEvent& event) {
  fill(facts.template_key, event.template_key);
  if (facts.template_version == 0) facts.template_version = event.template_version;
  if (facts.channel == events::Channel::CHANNEL_UNSPECIFIED) facts.channel = event.channel;
  if (facts.priority == events::Priority::PRIORITY_UNSPECIFIED) facts.priority = event.priority;
  fill(facts.client_id, event.client_id);
  fill(facts.recipient_masked, event.recipient_masked);
  fill(facts.recipient_hash, event.recipient_hash);
  fill(facts.recipient, event.recipient);
  fill(facts.provider_message_id, event.provider_message_id);
  if (facts.sms_segments == 0) facts.sms_segments = event.sms_segments;
  fill(facts.source, event.source);
  if (!facts.accepted_at) facts.accepted_at = event.accepted_at;
  if (facts.metadata.empty()) facts.metadata = event.metadata;
}

}  // namespace

MessageView view_of(std::vector<MessageEvent> history) {
  std::sort(history.begin(), history.end(), [](const MessageEvent& a, const MessageEvent& b) {
    return std::tuple{a.occurred_at, delivery_rank(a.status), send_order(a)} <
           std::tuple{b.occurred_at, delivery_rank(b.status), send_order(b)};
  });
  MessageView view;
  view.message_id = history.front().message_id;
  const MessageEvent* send = nullptr;
  const MessageEvent* delivery = delivery_of(history);
  int provider_attempt = -1;
  for (const MessageEvent& event : history) {
    merge_facts(view.facts, event);
    view.updated_at = std::max(view.updated_at, event.occurred_at.value_or(UtcTime{}));
    view.attempts = std::max(view.attempts, static_cast<int>(event.attempt));
    if (!event.provider.empty() && event.attempt >= provider_attempt) {
      view.provider = event.provider;
      provider_attempt = event.attempt;
    }
    if (send_rank(event.status) > 0 && (send == nullptr || send_order(event) >= send_order(*send))) send = &event;
  }
  if (send != nullptr) view.status = send->status;
  if (send != nullptr && !is_final(send->status)) view.next_attempt_at = send->next_attempt_at;
  if (delivery != nullptr) view.delivery_status = delivery->status;
  const bool delivery_went_wrong = delivery != nullptr && delivery->status != Status::DELIVERED;
  const MessageEvent& deciding = delivery_went_wrong || send == nullptr ? *delivery : *send;
  view.reason = deciding.reason;
  view.provider_code = deciding.provider_code;
  view.detail = deciding.detail;
  view.accepted_at = view.facts.accepted_at.value_or(uuid_time(view.message_id).value_or(*history.front().occurred_at));
  view.history = std::move(history);
  return view;
}

}  // namespace carillon::health
