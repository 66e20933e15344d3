#include "provider-dispatcher/adapters/providers/postmark/client.hpp"

#include "provider-dispatcher/adapters/providers/attachments.hpp"
#include "provider-dispatcher/adapters/providers/header_text.hpp"
#include "provider-dispatcher/adapters/providers/http_answer.hpp"
#include "provider-dispatcher/adapters/providers/json_writer.hpp"
#include "provider-dispatcher/adapters/providers/postmark/error_table.hpp"
#include "provider-dispatcher/adapters/providers/unsubscribe_headers.hpp"
#include "security/digest.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

void write_headers(JsonWriter& json, const http::Fields& headers) {
  if (headers.empty()) return;
  json.Key("Headers");
  json.StartArray();
  for (const auto& [name, value] : headers) {
    json.StartObject();
    write_member(json, "Name", name);
    write_member(json, "Value", value);
    json.EndObject();
  }
  json.EndArray();
}

void write_attachments(JsonWriter& json, const std::vector<Attachment>& attachments) {
  if (attachments.empty()) return;
  json.Key("Attachments");
  json.StartArray();
  for (const Attachment& attachment : attachments) {
    json.StartObject();
    write_member(json, "Name", safe_file_name(attachment.file_name));
    write_member(json, "Content", security::base64(bytes_of(attachment)));
    write_member(json, "ContentType", safe_content_type(attachment.content_type));
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string postmark::request_body(const PostmarkSettings& settings, const OutboundMessage& message) {
  rapidjson::StringBuffer buffer(nullptr, message.text.size() + message.html.size() + 1024);
  JsonWriter json(buffer);
  json.StartObject();
  write_member(json, "From", settings.identity.sender.text());
  write_member(json, "To", message.recipient);
  if (!settings.identity.reply_to.empty()) write_member(json, "ReplyTo", settings.identity.reply_to.text());
  write_member(json, "Subject", single_line(message.subject));
  if (!message.text.empty()) write_member(json, "TextBody", message.text);
  if (!message.html.empty()) write_member(json, "HtmlBody", message.html);
  write_member(json, "MessageStream", settings.message_stream);
  if (!message.template_key.empty()) write_member(json, "Tag", message.template_key);
  json.Key("Metadata");
  json.StartObject();
  write_member(json, "message_id", message.message_id);
  write_member(json, "attempt", std::to_string(message.attempt));
  json.EndObject();
  write_headers(json, unsubscribe_headers(message.unsubscribe_url));
  write_attachments(json, message.attachments);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

PostmarkClient::PostmarkClient(PostmarkSettings settings, http::Client& http, CallLimits limits)
    : settings_(std::move(settings)), http_(http), limits_(limits) {}

void PostmarkClient::send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) {
  // Postmark takes a list in To: more than one address, or a name beside it, would write to somebody else.
  if (!parse_email(message.recipient)) return done(recipient_not_usable("the recipient is not one e-mail address"));
  http::Call call;
  call.url = settings_.base_url + "/email";
  call.headers = {{"Content-Type", "application/json"},
                  {"Accept", "application/json"},
                  {"X-Postmark-Server-Token", settings_.server_token}};
  call.body = postmark::request_body(settings_, message);
  call.connect_timeout = limits_.connect_timeout;
  call.timeout = limits_.timeout;
  call.answer_bytes_max = limits_.answer_bytes_max;
  http_.call(std::move(call), [now, token = settings_.server_token, done = std::move(done)](http::Answer answer) {
    done(outcome_of(answer, now, postmark::read_answer, {token}));
  });
}

}  // namespace carillon::dispatcher
