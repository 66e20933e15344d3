#include "sandbox/core/receipt_bodies.hpp"

namespace carillon::sandbox {
namespace {

constexpr const char* unknown_destination = "30005";
constexpr const char* unreachable_carrier = "30006";

// "2026-01-31T23:59..." -> "2601312359"
std::string delivery_date(UtcTime at) {
  const std::string text = to_rfc3339(at);
  return text.substr(2, 2) + text.substr(5, 2) + text.substr(8, 2) + text.substr(11, 2) + text.substr(14, 2);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> twilio_callback(const ReceiptFacts& facts, ReceiptEvent event,
                                                                 UtcTime at) {
  const std::string word(event_word(ProviderName::TWILIO, event));
  const bool from_service = facts.sender == facts.stream;  // then the number is not known here
  std::vector<std::pair<std::string, std::string>> form{
      {"ApiVersion", "2010-04-01"}, {"AccountSid", facts.account}, {"MessageSid", facts.id}, {"SmsSid", facts.id},
      {"MessageStatus", word},      {"SmsStatus", word},           {"To", facts.recipient}};
  form.emplace_back("From", from_service ? "+15005550006" : facts.sender);
  if (!facts.stream.empty()) form.emplace_back("MessagingServiceSid", facts.stream);
  if (event == ReceiptEvent::UNDELIVERED) form.emplace_back("ErrorCode", unknown_destination);
  if (event == ReceiptEvent::FAILED) form.emplace_back("ErrorCode", unreachable_carrier);
  if (event == ReceiptEvent::DELIVERED) form.emplace_back("RawDlrDoneDate", delivery_date(at));
  return form;
}

}  // namespace carillon::sandbox
