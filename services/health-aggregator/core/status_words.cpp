#include "health-aggregator/core/status_words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carillon::health {

using events::MessageEvent;
using events::Status;

namespace {

std::string by(const std::string& provider) {
  return provider.empty() ? "" : " by " + provider;
}

// "after sns refused it", "after 2 tries", "": what came before the call that counts.
std::string what_came_before(const MessageView& message) {
  std::vector<std::string> others;
  int tries = 0;
  bool was_unconfirmed = false;
  for (const MessageEvent& event : message.history) {
    if (event.status != Status::ATTEMPT_FAILED && event.status != Status::UNCONFIRMED) continue;
    ++tries;
    was_unconfirmed = event.status == Status::UNCONFIRMED;
    if (event.provider != message.provider && !event.provider.empty() &&
        std::find(others.begin(), others.end(), event.provider) == others.end())
      others.push_back(event.provider);
  }
  if (tries == 0) return "";
  if (tries == 1 && others.size() == 1)
    return fmt::format(" after {} {}", others[0], was_unconfirmed ? "gave no answer" : "refused it");
  if (others.empty()) return tries == 1 ? " at the second try" : fmt::format(" after {} failed tries", tries);
  std::string names;
  for (std::size_t i = 0; i < others.size(); ++i)
    names += (i == 0 ? "" : i + 1 == others.size() ? " and " : ", ") + others[i];
  return fmt::format(" after {} failed tries ({} too)", tries, names);
}

std::string because(const MessageView& message) {
  return message.reason.empty() ? "" : " (" + reason_words(message.reason) + ")";
}

std::string blocked_words(Status status) {
  switch (status) {
    case Status::BLOCKED_INVALID_REQUEST:
      return "the request lacks something its template needs";
    case Status::BLOCKED_TEMPLATE_NOT_FOUND:
      return "there is no such template";
    case Status::BLOCKED_TEMPLATE_INACTIVE:
      return "its template is switched off";
    case Status::BLOCKED_CLIENT_NOT_FOUND:
      return "there is no such client";
    case Status::BLOCKED_PROVISIONING_INCOMPLETE:
      return "the client is not provisioned yet";
    case Status::BLOCKED_SUBSCRIPTION_INACTIVE:
      return "the client has no active subscription";
    case Status::BLOCKED_PLAN:
      return "the client's plan does not hold it";
    case Status::BLOCKED_PREFERENCE:
      return "the recipient does not want it";
    case Status::BLOCKED_NO_RECIPIENT:
      return "nobody is there to send it to";
    case Status::BLOCKED_SUPPRESSED:
      return "the recipient is suppressed";
    case Status::BLOCKED_PROVIDER_NOT_CONFIGURED:
      return "no provider is configured for its channel";
    default:
      return "the client has had one of these already";  // BLOCKED_RATE_LIMITED
  }
}

bool is_blocked(Status status) {
  return status >= Status::BLOCKED_INVALID_REQUEST && status <= Status::BLOCKED_RATE_LIMITED;
}

}  // namespace

Status shown_status(const MessageView& message) {
  const bool through = !message.status || *message.status == Status::SENT || *message.status == Status::UNCONFIRMED;
  if (message.delivery_status && through) return *message.delivery_status;
  return message.status.value_or(Status::STATUS_UNSPECIFIED);
}

std::string status_words(Status status) {
  if (is_blocked(status)) {
    constexpr std::size_t prefix = std::string_view("BLOCKED_").size();
    return "Blocked: " + reason_words(std::string_view(events::enum_name(status)).substr(prefix));
  }
  switch (status) {
    case Status::QUEUED:
      return "Waiting";
    case Status::SCHEDULED:
      return "Scheduled";
    case Status::DEFERRED_THROTTLED:
      return "Throttled";
    case Status::ATTEMPT_FAILED:
      return "Trying again";
    case Status::STATUS_UNSPECIFIED:
      return "Unknown";
    default:
      std::string words = reason_words(events::enum_name(status));
      words.front() = static_cast<char>(words.front() - 'a' + 'A');
      return words;
  }
}

Tone status_tone(Status status) {
  if (status == Status::SENT || status == Status::DELIVERED) return Tone::WELL;
  if (is_failure(status) || status == Status::COMPLAINED) return Tone::WRONG;
  return Tone::NOTICE;
}

std::string status_sentence(const MessageView& message) {
  const Status status = shown_status(message);
  if (is_blocked(status)) return "Blocked: " + blocked_words(status) + ".";
  const std::string provider = message.provider.empty() ? "the provider" : message.provider;
  switch (status) {
    case Status::DELIVERED:
      return "Delivered" + by(message.provider) + what_came_before(message) + ".";
    case Status::BOUNCED:
      return fmt::format("Bounced: {} sent it, and the recipient's side refused it{}.", provider, because(message));
    case Status::COMPLAINED:
      return "Delivered" + by(message.provider) + ", and the recipient complained of it.";
    case Status::UNDELIVERED:
      return fmt::format("Not delivered: {} took it and could not deliver it{}.", provider, because(message));
    case Status::SENT:
      return "Sent" + by(message.provider) + what_came_before(message) + ".";
    case Status::QUEUED:
      return "Waiting to be sent.";
    case Status::SCHEDULED:
      return "Scheduled for later.";
    case Status::DEFERRED_THROTTLED:
      return "Waiting: its channel has reached its limit per minute.";
    case Status::ATTEMPT_FAILED:
      return fmt::format("Not sent yet: {} failed{}; it is tried again.", provider, because(message));
    case Status::UNCONFIRMED:
      return fmt::format("Nobody knows: {} was called and gave no answer.", provider);
    case Status::FAILED:
      return "Failed" + because(message) +
             (message.attempts > 1 ? fmt::format(" after {} tries.", message.attempts) : std::string("."));
    case Status::EXPIRED:
      return "Expired before it could be sent.";
    case Status::CANCELLED:
      return "Cancelled before it was sent.";
    default:
      return "Nothing is known of it yet.";
  }
}

std::string step_words(const MessageEvent& event) {
  const std::string provider = event.provider.empty() ? "The provider" : event.provider;
  if (is_blocked(event.status)) return "Refused: " + blocked_words(event.status);
  switch (event.status) {
    case Status::QUEUED:
      return "Accepted and handed on";
    case Status::SCHEDULED:
      return "Scheduled";
    case Status::DEFERRED_THROTTLED:
      return "Put off: over the limit per minute";
    case Status::ATTEMPT_FAILED:
      return provider + " was called and failed";
    case Status::UNCONFIRMED:
      return provider + " was called and gave no answer";
    case Status::SENT:
      return provider + " took it";
    case Status::FAILED:
      return "Given up";
    case Status::DELIVERED:
      return provider + " reports it delivered";
    case Status::BOUNCED:
      return provider + " reports a bounce";
    case Status::COMPLAINED:
      return provider + " reports a complaint";
    case Status::UNDELIVERED:
      return provider + " could not deliver it";
    default:
      return status_words(event.status);
  }
}

std::string reason_words(std::string_view reason) {
  std::string words(reason);
  for (char& c : words) {
    if (c == '_') c = ' ';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return words;
}

}  // namespace carillon::health
