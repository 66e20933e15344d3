#include <algorithm>
#include <cstdlib>

#include "sandbox/core/form.hpp"
#include "sandbox/core/message_attributes.hpp"
#include "sandbox/core/provider_views.hpp"
#include "sandbox/core/raw_json.hpp"

namespace carillon::sandbox {
namespace {

std::string line_of(std::string_view text, int number) {
  for (; number > 0; --number) text.remove_prefix(std::min(std::min(text.find('\n'), text.size()) + 1, text.size()));
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

void read_twilio(std::string_view raw, MessageView& view) {
  view.to = form_value(raw, "To");
  view.from = form_value(raw, "From");
  if (view.from.empty()) view.from = form_value(raw, "MessagingServiceSid");
  view.text = form_value(raw, "Body");
  for (const char* name : {"To", "From", "MessagingServiceSid", "ValidityPeriod", "StatusCallback"}) {
    if (std::string value = form_value(raw, name); !value.empty()) view.headers.emplace_back(name, std::move(value));
  }
  const std::string callback = form_value(raw, "StatusCallback");
  const std::string_view query = std::string_view(callback).substr(std::min(callback.find('?') + 1, callback.size()));
  view.message_id = form_value(query, "message_id");
  view.attempt = std::atoi(form_value(query, "attempt").c_str());
}

void read_sns(const StoredMessage& message, MessageView& view) {
  const std::string_view raw = message.raw;
  view.message_id = line_of(message.envelope, 0);
  view.attempt = std::atoi(line_of(message.envelope, 1).c_str());
  view.to = form_value(raw, "PhoneNumber");
  view.text = form_value(raw, "Message");
  view.headers.emplace_back("PhoneNumber", view.to);
  for (MessageAttribute& attribute : message_attributes(raw)) {
    if (attribute.name == "AWS.MM.SMS.OriginationNumber") view.from = attribute.value;
    if (attribute.name == "AWS.SNS.SMS.SenderID" && view.from.empty()) view.from = attribute.value;
    view.headers.emplace_back(std::move(attribute.name), std::move(attribute.value));
  }
}

void read_console(std::string_view raw, MessageView& view) {
  rapidjson::Document json;
  if (!parse_raw(json, raw)) return;
  view.to = raw_text(json, "to");
  view.from = raw_text(json, "from");
  view.text = raw_text(json, "text");
  view.message_id = raw_text(json, "message_id");
  view.attempt = std::atoi(raw_text(json, "attempt").c_str());
  view.template_key = raw_text(json, "template_key");
  for (const char* name : {"to", "from", "message_id", "attempt", "template_key", "sent_at"}) {
    if (std::string value = raw_text(json, name); !value.empty()) view.headers.emplace_back(name, std::move(value));
  }
}

void read_slack(const StoredMessage& message, MessageView& view) {
  view.to = line_of(message.envelope, 0);
  view.message_id = line_of(message.envelope, 1);
  view.attempt = std::atoi(line_of(message.envelope, 2).c_str());
  rapidjson::Document json;
  if (!parse_raw(json, message.raw)) return;
  view.text = raw_text(json, "text");
  view.from = raw_text(json, "username");
  for (const char* name : {"username", "icon_emoji", "channel"}) {
    if (std::string value = raw_text(json, name); !value.empty()) view.headers.emplace_back(name, std::move(value));
  }
}

}  // namespace carillon::sandbox
