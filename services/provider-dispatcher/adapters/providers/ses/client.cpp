#include "provider-dispatcher/adapters/providers/ses/client.hpp"

#include <algorithm>
#include <cctype>

#include "provider-dispatcher/adapters/providers/attachments.hpp"
#include "provider-dispatcher/adapters/providers/header_text.hpp"
#include "provider-dispatcher/adapters/providers/http_answer.hpp"
#include "provider-dispatcher/adapters/providers/json_writer.hpp"
#include "provider-dispatcher/adapters/providers/ses/error_table.hpp"
#include "provider-dispatcher/adapters/providers/unsubscribe_headers.hpp"
#include "security/digest.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

constexpr std::size_t ses_content_type_chars_max = 78;                                // SES, Attachment ContentType
constexpr std::size_t tag_chars_max = 256;                                            // SES, MessageTag
constexpr std::size_t body_reserve_bytes = 2 * 1024, attachment_reserve_bytes = 512;  // what is around the texts

void list_of_one(JsonWriter& json, const char* name, std::string_view value) {
  json.Key(name);
  json.StartArray();
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  json.EndArray();
}

void content(JsonWriter& json, const char* name, std::string_view data) {
  json.Key(name);
  json.StartObject();
  write_member(json, "Data", data);
  write_member(json, "Charset", "UTF-8");
  json.EndObject();
}

void named_value(JsonWriter& json, std::string_view name, std::string_view value) {
  json.StartObject();
  write_member(json, "Name", name);
  write_member(json, "Value", value);
  json.EndObject();
}

// In JSON a display name needs no folds.
std::string mailbox(const Mailbox& one) {
  return single_line(one.header_text());
}

// Tags hold ASCII letters, digits, '_' and '-'.
std::string tag_value(std::string_view value) {
  std::string out(value.substr(0, tag_chars_max));
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-'; }, '_');
  return out;
}

void attachments(JsonWriter& json, const std::vector<Attachment>& files) {
  json.Key("Attachments");
  json.StartArray();
  for (const Attachment& file : files) {
    const std::string type = safe_content_type(file.content_type);
    json.StartObject();
    write_member(json, "FileName", safe_file_name(file.file_name));
    write_member(json, "ContentType", type.size() <= ses_content_type_chars_max ? type : "application/octet-stream");
    write_member(json, "ContentDisposition", "ATTACHMENT");
    write_member(json, "ContentTransferEncoding", "BASE64");
    write_member(json, "RawContent", security::base64(bytes_of(file)));
    json.EndObject();
  }
  json.EndArray();
}

void simple_content(JsonWriter& json, const OutboundMessage& message) {
  json.StartObject();
  content(json, "Subject", single_line(message.subject));
  json.Key("Body");
  json.StartObject();
  if (!message.text.empty() || message.html.empty()) content(json, "Text", message.text);
  if (!message.html.empty()) content(json, "Html", message.html);
  json.EndObject();
  if (const http::Fields headers = unsubscribe_headers(message.unsubscribe_url); !headers.empty()) {
    json.Key("Headers");
    json.StartArray();
    for (const auto& [name, value] : headers) named_value(json, name, value);
    json.EndArray();
  }
  if (!message.attachments.empty()) attachments(json, message.attachments);
  json.EndObject();
}

std::size_t expected_size(const OutboundMessage& message) {
  std::size_t bytes = body_reserve_bytes + message.text.size() + message.html.size();
  for (const Attachment& file : message.attachments) bytes += bytes_of(file).size() * 4 / 3 + attachment_reserve_bytes;
  return bytes;
}

}  // namespace

std::string ses::base_url(const SesSettings& settings, const aws::AwsSettings& aws) {
  return settings.base_url.empty() ? aws.endpoint("email") : settings.base_url;
}

std::string ses::request_body(const SesSettings& settings, const OutboundMessage& message) {
  rapidjson::StringBuffer buffer(nullptr, expected_size(message));
  JsonWriter json(buffer);
  json.StartObject();
  write_member(json, "FromEmailAddress", mailbox(settings.identity.sender));
  json.Key("Destination");
  json.StartObject();
  list_of_one(json, "ToAddresses", message.recipient);
  json.EndObject();
  if (!settings.identity.reply_to.empty()) list_of_one(json, "ReplyToAddresses", mailbox(settings.identity.reply_to));
  json.Key("Content");
  json.StartObject();
  json.Key("Simple");
  simple_content(json, message);
  json.EndObject();
  json.Key("EmailTags");
  json.StartArray();
  named_value(json, "message_id", tag_value(message.message_id));
  named_value(json, "attempt", std::to_string(message.attempt));
  json.EndArray();
  if (!settings.configuration_set.empty()) write_member(json, "ConfigurationSetName", settings.configuration_set);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

SesClient::SesClient(SesSettings settings, std::shared_ptr<const aws::SignedCalls> aws, CallLimits limits)
    : settings_(std::move(settings)), aws_(std::move(aws)), limits_(limits) {}

std::string SesClient::missing_settings() const {
  const std::string credentials = aws_->settings().missing();
  if (!settings_.identity.sender.empty()) return credentials;
  return credentials.empty() ? "EMAIL_SENDER" : "EMAIL_SENDER, " + credentials;
}

void SesClient::send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) {
  if (!parse_email(message.recipient)) return done(recipient_not_usable("the recipient is not one e-mail address"));
  http::Call call;
  call.url = ses::base_url(settings_, aws_->settings()) + "/v2/email/outbound-emails";
  call.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  call.body = ses::request_body(settings_, message);
  call.connect_timeout = limits_.connect_timeout;
  call.timeout = limits_.timeout;
  call.answer_bytes_max = limits_.answer_bytes_max;
  aws_->call(std::move(call), ses::signing_name, now, [now, done = std::move(done)](auto answer) {
    if (!answer) return done(aws::outcome_without_credentials(answer.error()));
    done(outcome_of(answer->answer, now, ses::read_answer, answer->secrets));
  });
}

}  // namespace carillon::dispatcher
