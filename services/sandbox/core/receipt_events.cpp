#include "sandbox/core/receipt_order.hpp"

namespace carillon::sandbox {
namespace {

using enum ReceiptEvent;
using Events = std::vector<ReceiptEvent>;

// A bounce comes instead of a delivery, a complaint after it.
Events mail_events(ReceiptKind kind) {
  switch (kind) {
    case ReceiptKind::DELIVERED:
      return {DELIVERED};
    case ReceiptKind::HARD_BOUNCE:
      return {HARD_BOUNCE};
    case ReceiptKind::SOFT_BOUNCE:
      return {SOFT_BOUNCE};
    case ReceiptKind::COMPLAINT:
      return {DELIVERED, COMPLAINT};
    case ReceiptKind::UNSUBSCRIBE:
      return {DELIVERED, UNSUBSCRIBE};
    default:
      return {};
  }
}

Events sendgrid_events(ReceiptKind kind) {
  if (kind == ReceiptKind::UNDELIVERED) return {DROPPED};  // it never came to processing
  Events out = mail_events(kind);
  if (!out.empty()) out.insert(out.begin(), PROCESSED);
  return out;
}

Events twilio_events(ReceiptKind kind, bool queued_first) {
  Events out;
  if (queued_first) out.push_back(QUEUED);
  switch (kind) {
    case ReceiptKind::DELIVERED:
      out.insert(out.end(), {SENT, DELIVERED});
      return out;
    case ReceiptKind::UNDELIVERED:
      out.insert(out.end(), {SENT, UNDELIVERED});
      return out;
    case ReceiptKind::FAILED:
      out.push_back(FAILED);
      return out;
    default:
      return {};
  }
}

}  // namespace

std::vector<ReceiptEvent> receipt_events(ProviderName provider, ReceiptKind kind, bool queued_first) {
  switch (provider) {
    case ProviderName::POSTMARK:
      return mail_events(kind);
    case ProviderName::SES:  // knows no unsubscribing without its own lists
      return kind == ReceiptKind::UNSUBSCRIBE ? Events() : mail_events(kind);
    case ProviderName::SENDGRID:
      return sendgrid_events(kind);
    case ProviderName::TWILIO:
      return twilio_events(kind, queued_first);
    default:
      return {};
  }
}

std::string_view event_word(ProviderName provider, ReceiptEvent event) {
  struct Words {
    ReceiptEvent event;
    std::string_view postmark, sendgrid, ses, twilio;
  };
  static constexpr Words all[] = {
      {QUEUED, "", "", "", "queued"},
      {SENT, "", "", "", "sent"},
      {PROCESSED, "", "processed", "", ""},
      {DELIVERED, "Delivery", "delivered", "Delivery", "delivered"},
      {HARD_BOUNCE, "HardBounce", "bounce", "Bounce", ""},
      {SOFT_BOUNCE, "SoftBounce", "bounce", "Bounce", ""},
      {DROPPED, "", "dropped", "", ""},
      {COMPLAINT, "SpamComplaint", "spamreport", "Complaint", ""},
      {UNSUBSCRIBE, "SubscriptionChange", "unsubscribe", "", ""},
      {UNDELIVERED, "", "", "", "undelivered"},
      {FAILED, "", "", "", "failed"},
  };
  for (const Words& words : all) {
    if (words.event != event) continue;
    switch (provider) {
      case ProviderName::POSTMARK:
        return words.postmark;
      case ProviderName::SENDGRID:
        return words.sendgrid;
      case ProviderName::SES:
        return words.ses;
      case ProviderName::TWILIO:
        return words.twilio;
      default:
        return "";
    }
  }
  return "";
}

}  // namespace carillon::sandbox
