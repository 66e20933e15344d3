#include "provider-dispatcher/core/receipt.hpp"

#include <charconv>

#include "values/message_id.hpp"

namespace carillon::dispatcher {

const char* kind_name(ReceiptKind kind) {
  return boost::describe::enum_to_string(kind, "UNKNOWN");
}

const char* suppress_name(SuppressReason reason) {
  return boost::describe::enum_to_string(reason, "UNKNOWN");
}

std::optional<events::Status> status_of(ReceiptKind kind) {
  switch (kind) {
    case ReceiptKind::DELIVERED:
      return events::Status::DELIVERED;
    case ReceiptKind::BOUNCED:
      return events::Status::BOUNCED;
    case ReceiptKind::COMPLAINED:
      return events::Status::COMPLAINED;
    case ReceiptKind::UNDELIVERED:
      return events::Status::UNDELIVERED;
    case ReceiptKind::UNSUBSCRIBED:
      return std::nullopt;
  }
  return std::nullopt;
}

bool makes_resending_useless(ReceiptKind kind) {
  return kind != ReceiptKind::UNDELIVERED;
}

bool is_noted(ReceiptKind kind) {
  return kind != ReceiptKind::DELIVERED;
}

std::string receipt_id(const Receipt& receipt) {
  std::string id = "receipt/";
  id.reserve(96);
  id += receipt.provider;
  id += '/';
  id += receipt.about_recipient_alone ? receipt.provider_message_id : receipt.message_id;
  id += '/';
  id += std::to_string(receipt.attempt);
  id += '/';
  id += kind_name(receipt.kind);
  return id;
}

UtcTime believable(std::optional<UtcTime> occurred_at, UtcTime now) {
  if (!occurred_at || *occurred_at > now || *occurred_at < now - receipt_age_max) return now;
  return *occurred_at;
}

bool is_own_message_id(std::string_view text) {
  return is_uuid(text) && uuid_time(text).has_value();
}

int attempt_from(std::string_view text) {
  int attempt = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), attempt);
  const bool whole = problem == std::errc{} && end == text.data() + text.size();
  return whole && attempt >= 1 && attempt <= receipt_attempt_max ? attempt : 0;
}

}  // namespace carillon::dispatcher
