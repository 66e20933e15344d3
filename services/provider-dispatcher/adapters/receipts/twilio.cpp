#include "provider-dispatcher/adapters/receipts/twilio.hpp"

#include "values/opt_out.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher::twilio {

namespace {

constexpr std::string_view stop_code = "21610";

using Form = std::span<const std::pair<std::string, std::string>>;

std::string_view field(Form form, std::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) return value;
  }
  return {};
}

std::string_view parameter(const std::map<std::string, std::string>& query, const char* name) {
  const auto found = query.find(name);
  return found == query.end() ? std::string_view{} : std::string_view(found->second);
}

bool says_stop(Form form) {
  const std::string_view type = field(form, "OptOutType");
  if (!type.empty()) return type == "STOP";
  return opt_out_word(field(form, "Body")) == OptOutWord::STOP;
}

}  // namespace

Result<ReadReceipts> read_answer(Form form, UtcTime now) {
  const std::string_view from = field(form, "From");
  const std::string_view sid = field(form, "MessageSid");
  if (from.empty() || sid.empty()) return Failure{"MALFORMED_RECEIPT", "From and MessageSid: both are needed"};
  ReadReceipts out;
  if (!says_stop(form) || !parse_e164(from)) {  // of another channel: "whatsapp:+44…"
    out.nothing_new = 1;
    return out;
  }
  Receipt receipt;
  receipt.provider = "twilio";
  receipt.channel = events::Channel::SMS;
  receipt.about_recipient_alone = true;
  receipt.provider_message_id = receipt_word(sid);
  receipt.kind = ReceiptKind::UNSUBSCRIBED;
  receipt.suppress = SuppressReason::STOP;
  receipt.recipient = from;
  receipt.occurred_at = now;
  out.receipts.push_back(std::move(receipt));
  return out;
}

Result<ReadReceipts> read_receipts(Form form, const std::map<std::string, std::string>& query, UtcTime now) {
  const std::string_view status = field(form, "MessageStatus");
  const std::string_view sid = field(form, "MessageSid");
  if (status.empty() || sid.empty()) {
    return Failure{"MALFORMED_RECEIPT", "MessageStatus and MessageSid: both are needed"};
  }
  ReadReceipts out;
  const bool delivered = status == "delivered" || status == "read";
  const bool given_up = status == "undelivered" || status == "failed";
  const std::string_view id = parameter(query, "message_id");
  if (!delivered && !given_up) {
    out.nothing_new = 1;
    return out;
  }
  if (!is_own_message_id(id)) {
    out.foreign = 1;
    return out;
  }
  Receipt receipt;
  receipt.provider = "twilio";
  receipt.channel = events::Channel::SMS;
  receipt.message_id = id;
  receipt.attempt = attempt_from(parameter(query, "attempt"));
  receipt.provider_message_id = receipt_word(sid);
  receipt.kind = delivered ? ReceiptKind::DELIVERED : ReceiptKind::UNDELIVERED;
  receipt.occurred_at = now;  // a callback tells no time that could be used
  if (given_up) {
    receipt.reason = status == "failed" ? "FAILED_AT_PROVIDER" : "UNDELIVERED";
    receipt.provider_code = receipt_word(field(form, "ErrorCode"));
    receipt.detail = receipt_detail(field(form, "ErrorMessage"), field(form, "To"));
  }
  if (receipt.provider_code == stop_code) {
    receipt.suppress = SuppressReason::STOP;
    receipt.recipient = field(form, "To");
  }
  out.receipts.push_back(std::move(receipt));
  return out;
}

}  // namespace carillon::dispatcher::twilio
