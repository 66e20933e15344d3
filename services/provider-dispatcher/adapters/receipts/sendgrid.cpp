#include "provider-dispatcher/adapters/receipts/sendgrid.hpp"

#include "provider-dispatcher/adapters/receipts/json_in_place.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher::sendgrid {

namespace {

using Value = JsonInPlace::Value;

struct DropRow {
  std::string_view reason;
  const char* word;
  SuppressReason suppress;
};

constexpr DropRow drops[] = {
    {"Bounced Address", "DROPPED_BOUNCED_ADDRESS", SuppressReason::HARD_BOUNCE},
    {"Invalid", "DROPPED_INVALID_ADDRESS", SuppressReason::HARD_BOUNCE},
    {"Spam Reporting Address", "DROPPED_SPAM_REPORTING_ADDRESS", SuppressReason::COMPLAINT},
    {"Unsubscribed Address", "DROPPED_UNSUBSCRIBED_ADDRESS", SuppressReason::UNSUBSCRIBE},
};

void as_dropped(std::string_view reason, Receipt& receipt) {
  receipt.kind = ReceiptKind::UNDELIVERED;
  receipt.reason = "DROPPED";
  for (const DropRow& row : drops) {
    if (row.reason != reason) continue;
    receipt.reason = row.word;
    receipt.suppress = row.suppress;
  }
}

void as_bounce(const Value& event, Receipt& receipt) {
  const bool blocked = text_in(event, "type") == "blocked";
  receipt.kind = blocked ? ReceiptKind::UNDELIVERED : ReceiptKind::BOUNCED;
  receipt.reason = blocked ? "BLOCKED" : "HARD_BOUNCE";
  if (!blocked) receipt.suppress = SuppressReason::HARD_BOUNCE;
}

void as_wish(ReceiptKind kind, SuppressReason suppress, const char* reason, Receipt& receipt) {
  receipt.kind = kind;
  receipt.suppress = suppress;
  receipt.reason = reason;
}

// False: nothing new.
bool take_event(const Value& event, Receipt& receipt) {
  const std::string_view name = text_in(event, "event");
  const std::string_view reason = text_in(event, "reason");
  if (name == "delivered") {
    receipt.kind = ReceiptKind::DELIVERED;
  } else if (name == "bounce") {
    as_bounce(event, receipt);
  } else if (name == "dropped") {
    as_dropped(reason, receipt);
  } else if (name == "spamreport") {
    as_wish(ReceiptKind::COMPLAINED, SuppressReason::COMPLAINT, "SPAM_COMPLAINT", receipt);
  } else if (name == "unsubscribe" || name == "group_unsubscribe") {
    as_wish(ReceiptKind::UNSUBSCRIBED, SuppressReason::UNSUBSCRIBE, "UNSUBSCRIBED", receipt);
  } else {
    return false;
  }
  receipt.detail = receipt_detail(reason.empty() ? text_in(event, "response") : reason, text_in(event, "email"));
  receipt.provider_code = receipt_word(text_in(event, "status"));
  return true;
}

std::optional<UtcTime> time_of(const Value& event) {
  const auto found = event.FindMember("timestamp");
  if (found == event.MemberEnd() || !found->value.IsInt64()) return std::nullopt;
  constexpr std::int64_t seconds_max = 253'402'300'799;  // the year 9999
  const std::int64_t seconds = found->value.GetInt64();
  if (seconds < 0 || seconds > seconds_max) return std::nullopt;
  return UtcTime{std::chrono::seconds{seconds}};
}

// sg_message_id is the id of the call's answer, followed by ".filter..." or ".recvd-...", which belongs to the
// recipient.
std::string_view call_id(std::string_view sg_message_id) {
  for (const std::string_view tail : {".filter", ".recvd"}) {
    if (const auto at = sg_message_id.find(tail); at != std::string_view::npos) return sg_message_id.substr(0, at);
  }
  return sg_message_id;
}

// An event is read for itself: others of its call are no worse for one that can't be. Its words may hold any bytes of
// the recipient's server, and are cleaned.
bool is_readable(const Value& event) {
  return event.IsObject() && !text_in(event, "event").empty() && is_valid_utf8(text_in(event, "email"));
}

void read_event(const Value& event, UtcTime now, ReadReceipts& out) {
  if (!is_readable(event)) {
    ++out.malformed;
    return;
  }
  Receipt receipt;
  if (!take_event(event, receipt)) {
    ++out.nothing_new;
    return;
  }
  const std::string_view id = text_in(event, "message_id");
  if (!is_own_message_id(id)) {
    ++out.foreign;
    return;
  }
  receipt.provider = "sendgrid";
  receipt.channel = events::Channel::EMAIL;
  receipt.message_id = id;
  receipt.attempt = attempt_from(text_in(event, "attempt"));
  receipt.provider_message_id = receipt_word(call_id(text_in(event, "sg_message_id")));
  receipt.occurred_at = believable(time_of(event), now);
  if (receipt.suppress != SuppressReason::NONE) receipt.recipient = text_in(event, "email");
  out.receipts.push_back(std::move(receipt));
}

}  // namespace

Result<ReadReceipts> read_receipts(std::string& body, UtcTime now) {
  const JsonInPlace json(body, Encoding::UNCHECKED);
  if (!json.ok() || !json.root().IsArray()) return Failure{"MALFORMED_RECEIPT", "the body is not a JSON array"};
  if (json.root().Size() > events_max) return Failure{"MALFORMED_RECEIPT", "the body holds too many events"};
  ReadReceipts out;
  for (const Value& event : json.root().GetArray()) read_event(event, now, out);
  return out;
}

}  // namespace carillon::dispatcher::sendgrid
