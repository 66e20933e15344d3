#include "health-aggregator/core/erasure_order.hpp"

#include <rapidjson/document.h>

#include <map>

#include "values/recipient.hpp"

namespace carillon::health {

using events::Channel;

namespace {

Failure refuse(std::string_view field, std::string_view why) {
  return {"INVALID_FIELD", std::string(field) + ": " + std::string(why)};
}

bool is_reason(std::string_view text) {
  return !text.empty() && text.size() <= erasure_reason_chars_max && text.front() >= 'A' && text.front() <= 'Z' &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

std::string text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

bool read_recipient(const std::string& text, ErasureOrder& order) {
  if (auto email = parse_email(text)) {
    order.recipient = std::move(*email);
    order.channel = Channel::EMAIL;
  } else if (auto number = parse_e164(text)) {
    order.recipient = std::move(*number);
    order.channel = Channel::SMS;
  } else if (auto url = parse_webhook_url(text)) {
    order.recipient = std::move(*url);
    order.channel = Channel::SLACK;
  }
  return !order.recipient.empty();
}

}  // namespace

Result<ErasureOrder> read_erasure_order(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return Failure{"MALFORMED_JSON", "body: must be a JSON object"};
  std::map<std::string, std::string> given;
  for (const auto& member : document.GetObject()) {
    const std::string name = text_of(member.name);
    if (name != "recipient" && name != "reason" && name != "channel")
      return refuse("body", "unknown field; there are recipient, reason, channel");
    if (!member.value.IsString()) return refuse(name, "must be text");
    if (!given.emplace(name, text_of(member.value)).second) return refuse(name, "appears twice");
  }
  ErasureOrder order;
  if (!read_recipient(given["recipient"], order))
    return refuse("recipient", "must be an e-mail address, a number such as +441632960000, or a webhook URL");
  if (const auto channel = given.find("channel"); channel != given.end()) {
    Channel named{};
    if (!events::enum_from_name(channel->second, named) || named == Channel{})
      return refuse("channel", "must be one of EMAIL, SMS, SLACK");
    if (named != order.channel)
      return refuse("channel", std::string("the recipient is one of ") + events::enum_name(order.channel));
  }
  if (const auto reason = given.find("reason"); reason != given.end()) order.reason = reason->second;
  if (!is_reason(order.reason)) return refuse("reason", "must be a word of A to Z, 0 to 9 and _, such as REQUESTED");
  return order;
}

}  // namespace carillon::health
