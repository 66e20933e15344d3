#include "provider-dispatcher/adapters/receipts/ses.hpp"

#include "provider-dispatcher/adapters/receipts/json_in_place.hpp"

namespace carillon::dispatcher::ses {

namespace {

using Value = JsonInPlace::Value;

// The tests of a new SNS subscription publish this line, which is no JSON.
constexpr std::string_view greeting = "Successfully validated SNS topic";

const Value* first_object_in(const Value& object, const char* name) {
  const Value* list = array_in(object, name);
  return list != nullptr && !list->Empty() && (*list)[0].IsObject() ? &(*list)[0] : nullptr;
}

// Our mails have one.
std::string_view recipient_of(const Value& event) {
  const Value* mail = object_in(event, "mail");
  const Value* to = mail == nullptr ? nullptr : array_in(*mail, "destination");
  if (to == nullptr || to->Empty() || !(*to)[0].IsString()) return {};
  return {(*to)[0].GetString(), (*to)[0].GetStringLength()};
}

bool take_bounce(const Value& bounce, Receipt& receipt) {
  const std::string_view type = text_in(bounce, "bounceType");
  const std::string_view subtype = text_in(bounce, "bounceSubType");
  if (type == "Transient" && subtype == "General") return false;
  const bool permanent = type == "Permanent";
  receipt.kind = permanent ? ReceiptKind::BOUNCED : ReceiptKind::UNDELIVERED;
  if (permanent) receipt.suppress = SuppressReason::HARD_BOUNCE;
  receipt.reason = receipt_reason(type) + "_" + receipt_reason(subtype);
  if (const Value* recipient = first_object_in(bounce, "bouncedRecipients")) {
    receipt.recipient = text_in(*recipient, "emailAddress");
    receipt.provider_code = receipt_word(text_in(*recipient, "status"));
    receipt.detail = receipt_detail(text_in(*recipient, "diagnosticCode"), receipt.recipient);
  }
  return true;
}

bool take_complaint(const Value& complaint, Receipt& receipt) {
  const std::string_view feedback = text_in(complaint, "complaintFeedbackType");
  const std::string_view subtype = text_in(complaint, "complaintSubType");
  if (feedback == "not-spam") return false;
  const bool not_tried = subtype == "OnAccountSuppressionList";
  receipt.kind = not_tried ? ReceiptKind::UNDELIVERED : ReceiptKind::COMPLAINED;
  receipt.suppress = SuppressReason::COMPLAINT;
  receipt.reason = not_tried ? "ON_ACCOUNT_SUPPRESSION_LIST" : "SPAM_COMPLAINT";
  receipt.provider_code = receipt_word(feedback);
  if (const Value* recipient = first_object_in(complaint, "complainedRecipients")) {
    receipt.recipient = text_in(*recipient, "emailAddress");
  }
  return true;
}

void take_failure(const char* reason, std::string_view detail, const Value& event, Receipt& receipt) {
  receipt.kind = ReceiptKind::UNDELIVERED;
  receipt.reason = reason;
  receipt.detail = receipt_detail(detail, recipient_of(event));
}

// False: nothing new.
bool take_event(std::string_view type, const Value& event, Receipt& receipt) {
  const auto about = [&event](const char* name) { return object_in(event, name); };
  if (type == "Delivery") {
    receipt.kind = ReceiptKind::DELIVERED;
    if (const Value* delivery = about("delivery"))
      receipt.detail = receipt_detail(text_in(*delivery, "smtpResponse"), recipient_of(event));
    return true;
  }
  if (const Value* bounce = about("bounce"); type == "Bounce" && bounce != nullptr)
    return take_bounce(*bounce, receipt);
  if (const Value* complaint = about("complaint"); type == "Complaint" && complaint != nullptr) {
    return take_complaint(*complaint, receipt);
  }
  if (type == "Reject") {
    const Value* reject = about("reject");
    take_failure("REJECTED", reject == nullptr ? std::string_view{} : text_in(*reject, "reason"), event, receipt);
    return true;
  }
  if (type == "Rendering Failure") {
    const Value* failure = about("failure");
    take_failure("RENDERING_FAILURE", failure == nullptr ? std::string_view{} : text_in(*failure, "errorMessage"),
                 event, receipt);
    return true;
  }
  return false;
}

std::optional<UtcTime> time_of(const Value& event) {
  for (const char* name : {"delivery", "bounce", "complaint"}) {
    if (const Value* about = object_in(event, name)) return from_rfc3339(text_in(*about, "timestamp"));
  }
  return std::nullopt;
}

// Tags are lists: the same name may be given more than once.
std::string_view tag(const Value& mail, const char* name) {
  const Value* tags = object_in(mail, "tags");
  const Value* values = tags == nullptr ? nullptr : array_in(*tags, name);
  if (values == nullptr || values->Empty() || !(*values)[0].IsString()) return {};
  return {(*values)[0].GetString(), (*values)[0].GetStringLength()};
}

}  // namespace

Result<ReadReceipts> read_receipts(std::string& message, UtcTime now) {
  ReadReceipts out;
  if (message.starts_with(greeting)) {
    out.nothing_new = 1;
    return out;
  }
  const JsonInPlace json(message);
  if (!json.ok() || !json.root().IsObject()) return Failure{"MALFORMED_RECEIPT", "Message: is not a JSON object"};
  const Value& event = json.root();
  std::string_view type = text_in(event, "eventType");
  if (type.empty()) type = text_in(event, "notificationType");
  const Value* mail = object_in(event, "mail");
  if (type.empty()) return Failure{"MALFORMED_RECEIPT", "eventType: is missing, and notificationType too"};
  Receipt receipt;
  if (!take_event(type, event, receipt)) {
    out.nothing_new = 1;
    return out;
  }
  if (mail == nullptr || text_in(*mail, "messageId").empty()) {
    return Failure{"MALFORMED_RECEIPT", "mail.messageId: is missing"};
  }
  const std::string_view id = tag(*mail, "message_id");
  if (!id.empty() && !is_own_message_id(id)) {
    out.foreign = 1;
    return out;
  }
  receipt.provider = "ses";
  receipt.channel = events::Channel::EMAIL;
  receipt.message_id = id;
  receipt.attempt = attempt_from(tag(*mail, "attempt"));
  receipt.provider_message_id = receipt_word(text_in(*mail, "messageId"));
  receipt.occurred_at = believable(time_of(event), now);
  out.receipts.push_back(std::move(receipt));
  return out;
}

}  // namespace carillon::dispatcher::ses
