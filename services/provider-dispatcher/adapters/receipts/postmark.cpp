#include "provider-dispatcher/adapters/receipts/postmark.hpp"

#include <algorithm>
#include <array>

#include "provider-dispatcher/adapters/receipts/json_in_place.hpp"

namespace carillon::dispatcher::postmark {

namespace {

using Value = JsonInPlace::Value;

struct BounceRow {
  std::string_view type;
  ReceiptKind kind;
  SuppressReason suppress;
};

constexpr std::array bounces{
    BounceRow{"HardBounce", ReceiptKind::BOUNCED, SuppressReason::HARD_BOUNCE},
    BounceRow{"BadEmailAddress", ReceiptKind::BOUNCED, SuppressReason::HARD_BOUNCE},
    BounceRow{"ManuallyDeactivated", ReceiptKind::UNDELIVERED, SuppressReason::HARD_BOUNCE},
    BounceRow{"SpamComplaint", ReceiptKind::COMPLAINED, SuppressReason::COMPLAINT},
    BounceRow{"Unsubscribe", ReceiptKind::UNSUBSCRIBED, SuppressReason::UNSUBSCRIBE},
};
// Answers to a message that was delivered.
constexpr std::array<std::string_view, 5> replies{"AutoResponder", "AddressChange", "Subscribe", "OpenRelayTest",
                                                  "ChallengeVerification"};

void as_bounce(const Value& record, Receipt& receipt) {
  const std::string_view type = text_in(record, "Type");
  receipt.kind = ReceiptKind::UNDELIVERED;
  const auto inactive = record.FindMember("Inactive");
  if (inactive != record.MemberEnd() && inactive->value.IsTrue()) receipt.suppress = SuppressReason::HARD_BOUNCE;
  for (const BounceRow& row : bounces) {
    if (row.type != type) continue;
    receipt.kind = row.kind;
    receipt.suppress = row.suppress;
  }
  receipt.reason = receipt_reason(type);
  const auto code = record.FindMember("TypeCode");
  if (code != record.MemberEnd() && code->value.IsInt()) {
    receipt.provider_code = std::to_string(code->value.GetInt());
  }
  const std::string_view details = text_in(record, "Details");
  receipt.recipient = text_in(record, "Email");
  receipt.detail = receipt_detail(details.empty() ? text_in(record, "Description") : details, receipt.recipient);
}

// False: the recipient may be written to again, which an administrator decides here.
bool as_subscription_change(const Value& record, Receipt& receipt) {
  const auto ends = record.FindMember("SuppressSending");
  if (ends == record.MemberEnd() || !ends->value.IsTrue()) return false;
  const std::string_view why = text_in(record, "SuppressionReason");
  receipt.kind = ReceiptKind::UNSUBSCRIBED;
  receipt.suppress = SuppressReason::UNSUBSCRIBE;
  if (why == "HardBounce") {
    receipt.kind = ReceiptKind::BOUNCED;
    receipt.suppress = SuppressReason::HARD_BOUNCE;
  } else if (why == "SpamComplaint") {
    receipt.kind = ReceiptKind::COMPLAINED;
    receipt.suppress = SuppressReason::COMPLAINT;
  }
  receipt.reason = receipt_reason(why);
  receipt.recipient = text_in(record, "Recipient");
  return true;
}

// Fills kind and what belongs to it, and says where the record keeps its time; nullptr: nothing new.
const char* take_record(const Value& record, Receipt& receipt) {
  const std::string_view type = text_in(record, "RecordType");
  if (type == "Delivery") {
    receipt.kind = ReceiptKind::DELIVERED;
    receipt.detail = receipt_detail(text_in(record, "Details"), text_in(record, "Recipient"));
    return "DeliveredAt";
  }
  if (type == "SpamComplaint" || type == "Bounce") {
    const std::string_view bounce = text_in(record, "Type");
    if (type == "Bounce" && std::find(replies.begin(), replies.end(), bounce) != replies.end()) return nullptr;
    as_bounce(record, receipt);
    if (type == "SpamComplaint") {
      receipt.kind = ReceiptKind::COMPLAINED;
      receipt.suppress = SuppressReason::COMPLAINT;
      receipt.reason = "SPAM_COMPLAINT";
    }
    return "BouncedAt";
  }
  if (type == "SubscriptionChange" && as_subscription_change(record, receipt)) return "ChangedAt";
  return nullptr;
}

}  // namespace

Result<ReadReceipts> read_receipts(std::string& body, UtcTime now) {
  const JsonInPlace json(body);
  if (!json.ok() || !json.root().IsObject()) return Failure{"MALFORMED_RECEIPT", "the body is not a JSON object"};
  const Value& record = json.root();
  if (text_in(record, "RecordType").empty()) return Failure{"MALFORMED_RECEIPT", "RecordType: is missing"};
  ReadReceipts out;
  Receipt receipt;
  const char* time_member = take_record(record, receipt);
  if (time_member == nullptr) {
    out.nothing_new = 1;
    return out;
  }
  const Value* metadata = object_in(record, "Metadata");
  const std::string_view id = metadata == nullptr ? std::string_view{} : text_in(*metadata, "message_id");
  if (!is_own_message_id(id)) {
    out.foreign = 1;
    return out;
  }
  receipt.provider = "postmark";
  receipt.channel = events::Channel::EMAIL;
  receipt.message_id = id;
  receipt.attempt = attempt_from(text_in(*metadata, "attempt"));
  receipt.provider_message_id = receipt_word(text_in(record, "MessageID"));
  receipt.occurred_at = believable(from_rfc3339(text_in(record, time_member)), now);
  out.receipts.push_back(std::move(receipt));
  return out;
}

}  // namespace carillon::dispatcher::postmark
