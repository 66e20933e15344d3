#include "sandbox/core/json_text.hpp"
#include "sandbox/core/receipt_bodies.hpp"
#include "security/digest.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::int64_t server_id = 23;
constexpr std::size_t digits_max = 32;

// "Ann <a@x.de>" -> "a@x.de"
std::string_view bare_address(std::string_view text) {
  const std::size_t open = text.rfind('<');
  if (open == std::string_view::npos || text.back() != '>') return text;
  return text.substr(open + 1, text.size() - open - 2);
}

// How Postmark names a bounce. Codes: postmarkapp.com/developer/api/bounce-api, "Bounce types".
struct BounceType {
  ReceiptEvent event;
  const char* record_type;
  const char* type;
  int code;
  const char* name;
  const char* details;
  bool inactive, can_activate;
};
constexpr BounceType bounce_types[] = {
    {ReceiptEvent::HARD_BOUNCE, "Bounce", "HardBounce", 1, "Hard bounce", "smtp;550 5.1.1 user unknown", true, true},
    {ReceiptEvent::SOFT_BOUNCE, "Bounce", "SoftBounce", 4096, "Soft bounce", "smtp;452 4.2.2 mailbox full", false,
     true},
    {ReceiptEvent::COMPLAINT, "SpamComplaint", "SpamComplaint", 512, "Spam complaint", "abuse", true, false},
};

void write_tags(JsonText& json, const ReceiptFacts& facts) {
  json.begin("Metadata");
  for (const auto& [name, value] : facts.tags) json.text(name, value);
  json.end();
}

void write_postmark_begin(JsonText& json, const ReceiptFacts& facts, const char* record_type) {
  json.text("RecordType", record_type);
  json.number("ServerID", server_id);
  json.text("MessageStream", facts.stream.empty() ? "outbound" : facts.stream);
  json.text("MessageID", facts.id);
  json.text("Tag", facts.template_key);
}

void write_postmark_bounce(JsonText& json, const ReceiptFacts& facts, const BounceType& type, UtcTime at) {
  write_postmark_begin(json, facts, type.record_type);
  json.number("ID", static_cast<std::int64_t>(facts.number));
  json.text("Type", type.type);
  json.number("TypeCode", type.code);
  json.text("Name", type.name);
  json.text("Description", "The sandbox was told that this would happen.");
  json.text("Details", type.details);
  json.text("Email", facts.recipient);
  json.text("From", bare_address(facts.sender));
  json.text("BouncedAt", to_rfc3339(at));
  json.flag("DumpAvailable", false);
  json.flag("Inactive", type.inactive);
  json.flag("CanActivate", type.can_activate);
  json.text("Subject", facts.subject);
}

void write_sendgrid_bounce(JsonText& json, bool hard) {
  json.text("status", hard ? "5.1.1" : "4.2.2");
  json.text("reason", hard ? "550 5.1.1 user unknown" : "452 4.2.2 mailbox full");
  json.text("type", hard ? "bounce" : "blocked");
  json.text("bounce_classification", hard ? "Invalid Address" : "Mailbox Unavailable");
  json.text("ip", "127.0.0.1");
  json.number("tls", 1);
}

}  // namespace

std::string event_digits(const ReceiptFacts& facts, std::string_view word) {
  return security::hex(security::sha256(facts.id + " " + std::string(word))).substr(0, digits_max);
}

std::string postmark_receipt(const ReceiptFacts& facts, ReceiptEvent event, UtcTime at) {
  JsonText json;
  json.begin();
  if (event == ReceiptEvent::DELIVERED) {
    write_postmark_begin(json, facts, "Delivery");
    json.text("Recipient", facts.recipient);
    json.text("DeliveredAt", to_rfc3339(at));
    json.text("Details", "smtp;250 2.0.0 OK");
  } else if (event == ReceiptEvent::UNSUBSCRIBE) {
    write_postmark_begin(json, facts, "SubscriptionChange");
    json.text("Recipient", facts.recipient);
    json.text("ChangedAt", to_rfc3339(at));
    json.text("Origin", "Recipient");
    json.flag("SuppressSending", true);
    json.text("SuppressionReason", "ManualSuppression");
  }
  for (const BounceType& type : bounce_types) {
    if (type.event == event) write_postmark_bounce(json, facts, type, at);
  }
  write_tags(json, facts);
  json.end();
  return json.written();
}

std::string sendgrid_event(const ReceiptFacts& facts, ReceiptEvent event, UtcTime at) {
  const std::string_view word = event_word(ProviderName::SENDGRID, event);
  JsonText json;
  json.begin();
  json.text("email", facts.recipient);
  json.number("timestamp", unix_micros(at) / 1'000'000);
  json.text("smtp-id", "<" + facts.id + "@sandbox.carillon>");
  json.text("event", word);
  if (!facts.template_key.empty()) json.text("category", facts.template_key);
  json.text("sg_event_id", event_digits(facts, word));
  json.text("sg_message_id", facts.id + ".recvd-sandbox-1-0");
  if (event == ReceiptEvent::DELIVERED) json.text("response", "250 2.0.0 OK");
  if (event == ReceiptEvent::HARD_BOUNCE || event == ReceiptEvent::SOFT_BOUNCE)
    write_sendgrid_bounce(json, event == ReceiptEvent::HARD_BOUNCE);
  if (event == ReceiptEvent::DROPPED) {
    json.text("reason", "Bounced Address");
    json.text("status", "5.0.0");
  }
  for (const auto& [name, value] : facts.tags) json.text(name, value);
  json.end();
  return json.written();
}

}  // namespace carillon::sandbox
