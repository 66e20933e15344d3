#include "sandbox/core/json_text.hpp"
#include "sandbox/core/provider_id.hpp"
#include "sandbox/core/receipt_bodies.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::string_view account_id = "123456789012";

void write_mail(JsonText& json, const ReceiptFacts& facts) {
  json.begin("mail");
  json.text("timestamp", aws_time(from_unix_micros(facts.accepted_at_us)));
  json.text("source", facts.sender);
  json.text("sendingAccountId", account_id);
  json.text("messageId", facts.id);
  json.list_of_one("destination", facts.recipient);
  if (!facts.configuration_set.empty()) {
    json.begin("tags");
    json.list_of_one("ses:configuration-set", facts.configuration_set);
    for (const auto& [name, value] : facts.tags) json.list_of_one(name, value);
    json.end();
  }
  json.end();
}

void write_delivery(JsonText& json, const ReceiptFacts& facts, UtcTime at) {
  json.begin("delivery");
  json.text("timestamp", aws_time(at));
  json.number("processingTimeMillis", (unix_micros(at) - facts.accepted_at_us) / 1'000);
  json.list_of_one("recipients", facts.recipient);
  json.text("smtpResponse", "250 2.0.0 OK");
  json.text("reportingMTA", "sandbox.smtp-out.amazonses.com");
  json.end();
}

void write_bounce(JsonText& json, const ReceiptFacts& facts, bool permanent, const std::string& feedback_id,
                  UtcTime at) {
  json.begin("bounce");
  json.text("bounceType", permanent ? "Permanent" : "Transient");
  json.text("bounceSubType", permanent ? "General" : "MailboxFull");
  json.begin_list("bouncedRecipients");
  json.begin();
  json.text("emailAddress", facts.recipient);
  json.text("action", "failed");
  json.text("status", permanent ? "5.1.1" : "4.2.2");
  json.text("diagnosticCode", permanent ? "smtp; 550 5.1.1 user unknown" : "smtp; 452 4.2.2 mailbox full");
  json.end();
  json.end_list();
  json.text("timestamp", aws_time(at));
  json.text("feedbackId", feedback_id);
  json.text("reportingMTA", "dns; sandbox.smtp-out.amazonses.com");
  json.end();
}

void write_complaint(JsonText& json, const ReceiptFacts& facts, const std::string& feedback_id, UtcTime at) {
  json.begin("complaint");
  json.begin_list("complainedRecipients");
  json.begin();
  json.text("emailAddress", facts.recipient);
  json.end();
  json.end_list();
  json.text("timestamp", aws_time(at));
  json.text("feedbackId", feedback_id);
  json.text("complaintFeedbackType", "abuse");
  json.end();
}

}  // namespace

std::string aws_time(UtcTime at) {
  constexpr std::size_t chars_to_milliseconds = 23;
  return to_rfc3339(at).substr(0, chars_to_milliseconds) + "Z";
}

std::string ses_event(const ReceiptFacts& facts, ReceiptEvent event, UtcTime at) {
  const std::string_view word = event_word(ProviderName::SES, event);
  const std::string feedback_id = "0100" + uuid_form(event_digits(facts, word)) + "-000000";
  JsonText json;
  json.begin();
  json.text(facts.configuration_set.empty() ? "notificationType" : "eventType", word);
  if (event == ReceiptEvent::DELIVERED) write_delivery(json, facts, at);
  if (event == ReceiptEvent::HARD_BOUNCE || event == ReceiptEvent::SOFT_BOUNCE)
    write_bounce(json, facts, event == ReceiptEvent::HARD_BOUNCE, feedback_id, at);
  if (event == ReceiptEvent::COMPLAINT) write_complaint(json, facts, feedback_id, at);
  write_mail(json, facts);
  json.end();
  return json.written();
}

}  // namespace carillon::sandbox
