#include "provider-dispatcher/adapters/providers/slack/client.hpp"

#include <algorithm>

#include "provider-dispatcher/adapters/providers/header_text.hpp"
#include "provider-dispatcher/adapters/providers/http_answer.hpp"
#include "provider-dispatcher/adapters/providers/json_writer.hpp"
#include "provider-dispatcher/adapters/providers/slack/error_table.hpp"
#include "provider-dispatcher/adapters/providers/slack/webhook_url.hpp"

namespace carillon::dispatcher {
namespace {

// https://docs.slack.dev/messaging/formatting-message-text: these three and no other.
std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

// Bold only works without spaces inside the asterisks.
std::string title_of(std::string_view subject) {
  const std::string line = single_line(subject);
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return "*" + escaped(std::string_view(line).substr(begin, line.find_last_not_of(' ') + 1 - begin)) + "*\n\n";
}

CallLimits limited(CallLimits limits) {
  limits.timeout = std::min(limits.timeout, slack::call_time_max);
  return limits;
}

}  // namespace

std::string slack::request_body(const SlackSettings& settings, const OutboundMessage& message) {
  rapidjson::StringBuffer buffer(nullptr, message.text.size() + 1024);
  JsonWriter json(buffer);
  json.StartObject();
  write_member(json, "text", title_of(message.subject) + escaped(message.text));
  if (!settings.username.empty()) write_member(json, "username", settings.username);
  if (!settings.icon_emoji.empty()) write_member(json, "icon_emoji", settings.icon_emoji);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string slack::own_message_id(const OutboundMessage& message) {
  return message.message_id + "." + std::to_string(message.attempt);
}

SlackClient::SlackClient(SlackSettings settings, http::Client& http, CallLimits limits)
    : settings_(std::move(settings)), http_(http), limits_(limited(limits)) {}

void SlackClient::send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) {
  const auto url = parse_slack_webhook(message.recipient, settings_.allowed_hosts);
  if (!url) return done(recipient_not_usable("the recipient is not a webhook URL of an allowed host"));
  http::Call call;
  call.url = (settings_.base_url.empty() ? url->origin : settings_.base_url) + url->path;
  // Where the webhook URL says is somebody else's word: only the operator's own setting may name a private address.
  call.public_addresses_only = settings_.base_url.empty();
  call.headers = {{"Content-Type", "application/json"},
                  {"X-Carillon-Message-Id", single_line(message.message_id)},
                  {"X-Carillon-Attempt", std::to_string(message.attempt)}};
  call.body = slack::request_body(settings_, message);
  call.connect_timeout = limits_.connect_timeout;
  call.timeout = limits_.timeout;
  call.answer_bytes_max = limits_.answer_bytes_max;
  http_.call(std::move(call), [now, secrets = slack::secrets_of(*url), id = slack::own_message_id(message),
                               done = std::move(done)](http::Answer answer) {
    Outcome outcome = outcome_of(answer, now, slack::read_answer, secrets);
    if (outcome.kind == OutcomeKind::ACCEPTED) outcome.provider_message_id = id;
    done(std::move(outcome));
  });
}

}  // namespace carillon::dispatcher
