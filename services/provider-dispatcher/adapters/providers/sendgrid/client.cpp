#include "provider-dispatcher/adapters/providers/sendgrid/client.hpp"

#include "provider-dispatcher/adapters/providers/attachments.hpp"
#include "provider-dispatcher/adapters/providers/header_text.hpp"
#include "provider-dispatcher/adapters/providers/http_answer.hpp"
#include "provider-dispatcher/adapters/providers/json_writer.hpp"
#include "provider-dispatcher/adapters/providers/sendgrid/error_table.hpp"
#include "provider-dispatcher/adapters/providers/unsubscribe_headers.hpp"
#include "security/digest.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

void write_mailbox(JsonWriter& json, const char* name, const Mailbox& mailbox) {
  json.Key(name);
  json.StartObject();
  write_member(json, "email", mailbox.address);
  if (!mailbox.display_name.empty()) write_member(json, "name", mailbox.display_name);
  json.EndObject();
}

void write_recipient(JsonWriter& json, const std::string& recipient) {
  json.Key("personalizations");
  json.StartArray();
  json.StartObject();
  json.Key("to");
  json.StartArray();
  json.StartObject();
  write_member(json, "email", recipient);
  json.EndObject();
  json.EndArray();
  json.EndObject();
  json.EndArray();
}

// SendGrid wants the plain text first.
void write_content(JsonWriter& json, const OutboundMessage& message) {
  json.Key("content");
  json.StartArray();
  const auto part = [&json](const char* type, std::string_view value) {
    if (value.empty()) return;
    json.StartObject();
    write_member(json, "type", type);
    write_member(json, "value", value);
    json.EndObject();
  };
  part("text/plain", message.text);
  part("text/html", message.html);
  json.EndArray();
}

void write_headers(JsonWriter& json, const http::Fields& headers) {
  if (headers.empty()) return;
  json.Key("headers");
  json.StartObject();
  for (const auto& [name, value] : headers) write_member(json, name.c_str(), value);
  json.EndObject();
}

void write_attachments(JsonWriter& json, const std::vector<Attachment>& attachments) {
  if (attachments.empty()) return;
  json.Key("attachments");
  json.StartArray();
  for (const Attachment& attachment : attachments) {
    const std::string type = safe_content_type(attachment.content_type);
    json.StartObject();
    write_member(json, "content", security::base64(bytes_of(attachment)));
    write_member(json, "type", type.substr(0, type.find(';')));  // SendGrid takes no parameters here
    write_member(json, "filename", safe_file_name(attachment.file_name));
    write_member(json, "disposition", "attachment");
    json.EndObject();
  }
  json.EndArray();
}

// Whatever the account's settings say: links with codes and tokens reach the recipient as they were written, and the
// only way to unsubscribe is ours.
void write_tracking(JsonWriter& json) {
  json.Key("tracking_settings");
  json.StartObject();
  json.Key("click_tracking");
  json.StartObject();
  json.Key("enable");
  json.Bool(false);
  json.Key("enable_text");
  json.Bool(false);
  json.EndObject();
  json.Key("subscription_tracking");
  json.StartObject();
  json.Key("enable");
  json.Bool(false);
  json.EndObject();
  json.EndObject();
}

}  // namespace

std::string sendgrid::request_body(const SendgridSettings& settings, const OutboundMessage& message) {
  rapidjson::StringBuffer buffer(nullptr, message.text.size() + message.html.size() + 1024);
  JsonWriter json(buffer);
  json.StartObject();
  write_recipient(json, message.recipient);
  write_mailbox(json, "from", settings.identity.sender);
  if (!settings.identity.reply_to.empty()) write_mailbox(json, "reply_to", settings.identity.reply_to);
  write_member(json, "subject", single_line(message.subject));
  write_content(json, message);
  if (!message.template_key.empty()) {
    json.Key("categories");
    json.StartArray();
    const std::string category = single_line(message.template_key);
    json.String(category.data(), static_cast<rapidjson::SizeType>(category.size()));
    json.EndArray();
  }
  json.Key("custom_args");
  json.StartObject();
  write_member(json, "message_id", message.message_id);
  write_member(json, "attempt", std::to_string(message.attempt));
  json.EndObject();
  write_headers(json, unsubscribe_headers(message.unsubscribe_url));
  write_attachments(json, message.attachments);
  write_tracking(json);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

SendgridClient::SendgridClient(SendgridSettings settings, http::Client& http, CallLimits limits)
    : settings_(std::move(settings)), http_(http), limits_(limits) {}

void SendgridClient::send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) {
  if (!parse_email(message.recipient)) return done(recipient_not_usable("the recipient is not one e-mail address"));
  http::Call call;
  call.url = settings_.base_url + "/v3/mail/send";
  call.headers = {{"Content-Type", "application/json"},
                  {"Accept", "application/json"},
                  {"Authorization", "Bearer " + settings_.api_key}};
  call.body = sendgrid::request_body(settings_, message);
  call.connect_timeout = limits_.connect_timeout;
  call.timeout = limits_.timeout;
  call.answer_bytes_max = limits_.answer_bytes_max;
  http_.call(std::move(call), [now, key = settings_.api_key, done = std::move(done)](http::Answer answer) {
    done(outcome_of(answer, now, sendgrid::read_answer, {key}));
  });
}

}  // namespace carillon::dispatcher
