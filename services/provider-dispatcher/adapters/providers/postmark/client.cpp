#include "provider-dispatcher/adapters/providers/postmark/client.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "provider-dispatcher/adapters/providers/header_text.hpp"
#include "provider-dispatcher/adapters/providers/http_answer.hpp"
#include "provider-dispatcher/adapters/providers/postmark/error_table.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {

std::string postmark::request_body(const PostmarkSettings& settings, const OutboundMessage& message) {
  rapidjson::StringBuffer buffer(nullptr, message.text.size() + message.html.size() + 1024);
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto member = [&json](const char* name, std::string_view value) {
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  member("From", settings.identity.sender.text());
  member("To", message.recipient);
  if (!settings.identity.reply_to.empty()) member("ReplyTo", settings.identity.reply_to.text());
  member("Subject", single_line(message.subject));
  if (!message.text.empty()) member("TextBody", message.text);
  if (!message.html.empty()) member("HtmlBody", message.html);
  member("MessageStream", settings.message_stream);
  if (!message.template_key.empty()) member("Tag", message.template_key);
  json.Key("Metadata");
  json.StartObject();
  member("message_id", message.message_id);
  member("attempt", std::to_string(message.attempt));
  json.EndObject();
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
