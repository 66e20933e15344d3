#include "security/webhooks/sns_message.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <vector>

#include "values/recipient.hpp"

namespace carillon::security::webhooks {
namespace {

namespace rj = rapidjson;

Failure malformed(std::string detail) {
  return {"MALFORMED", "SNS message: " + std::move(detail)};
}

struct NamedField {
  const char* name;
  std::string SnsMessage::*value;
};

const std::vector<NamedField> always{{"Type", &SnsMessage::type},
                                     {"MessageId", &SnsMessage::message_id},
                                     {"TopicArn", &SnsMessage::topic_arn},
                                     {"Timestamp", &SnsMessage::timestamp},
                                     {"SignatureVersion", &SnsMessage::signature_version},
                                     {"Signature", &SnsMessage::signature},
                                     {"SigningCertURL", &SnsMessage::signing_cert_url}};
const std::vector<NamedField> in_confirmations{{"Token", &SnsMessage::token},
                                               {"SubscribeURL", &SnsMessage::subscribe_url}};

bool is_confirmation(const SnsMessage& message) {
  return message.type == sns_subscription_confirmation || message.type == sns_unsubscribe_confirmation;
}

const rj::Value* text_member(const rj::Document& document, const char* name) {
  const auto found = document.FindMember(name);
  return found != document.MemberEnd() && found->value.IsString() ? &found->value : nullptr;
}

std::string text_of(const rj::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

// RapidJSON lets malformed UTF-8 through, and a lone low surrogate as an escape; neither may reach the message log.
bool fits(const std::string& text) {
  return text.size() <= sns_field_bytes_max && !has_control_characters(text) && is_valid_utf8(text);
}

// "" when all are there and fit, else the name of the first that isn't.
std::string read_fields(const rj::Document& document, const std::vector<NamedField>& fields, SnsMessage& message) {
  for (const NamedField& field : fields) {
    const rj::Value* const value = text_member(document, field.name);
    if (!value || !fits(message.*field.value = text_of(*value))) return field.name;
  }
  return "";
}

}  // namespace

Result<SnsMessage> parse_sns_message(std::string_view json) {
  if (json.size() > sns_body_bytes_max) return malformed("it is too long");
  rj::Document document;
  document.Parse<rj::kParseIterativeFlag>(json.data() ? json.data() : "", json.size());  // nesting costs no stack
  if (document.HasParseError() || !document.IsObject()) return malformed("it is not a JSON object");
  SnsMessage message;
  std::string wrong = read_fields(document, always, message);
  if (wrong.empty() && is_confirmation(message)) wrong = read_fields(document, in_confirmations, message);
  if (!wrong.empty()) return malformed(wrong + " is missing, too long, not UTF-8 or has control characters");
  if (message.type != sns_notification && !is_confirmation(message)) return malformed("its Type is unknown");
  const rj::Value* const text = text_member(document, "Message");
  if (!text) return malformed("Message is missing");
  message.message = text_of(*text);
  if (!is_valid_utf8(message.message)) return malformed("Message is not UTF-8");
  const rj::Value* const subject = text_member(document, "Subject");
  if (subject && !is_confirmation(message)) {
    message.subject = text_of(*subject);
    if (!fits(*message.subject)) return malformed("Subject is too long, not UTF-8 or has control characters");
  }
  return message;
}

std::string sns_json(const SnsMessage& message) {
  rj::StringBuffer buffer;
  rj::Writer<rj::StringBuffer> writer(buffer);
  const auto write = [&writer](const char* name, const std::string& value) {
    writer.Key(name);
    writer.String(value.data(), static_cast<rj::SizeType>(value.size()));
  };
  writer.StartObject();
  for (const NamedField& field : always) write(field.name, message.*field.value);
  if (is_confirmation(message)) {
    for (const NamedField& field : in_confirmations) write(field.name, message.*field.value);
  } else if (message.subject) {
    write("Subject", *message.subject);
  }
  write("Message", message.message);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string sns_signed_text(const SnsMessage& message) {
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append(name).append("\n").append(value).append("\n");
  };
  add("Message", message.message);
  add("MessageId", message.message_id);
  if (is_confirmation(message)) {
    add("SubscribeURL", message.subscribe_url);
  } else if (message.subject) {
    add("Subject", *message.subject);
  }
  add("Timestamp", message.timestamp);
  if (is_confirmation(message)) add("Token", message.token);
  add("TopicArn", message.topic_arn);
  add("Type", message.type);
  return text;
}

}  // namespace carillon::security::webhooks
