#include "sandbox/core/receipt_order.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <limits>

#include "sandbox/core/json_text.hpp"
#include "sandbox/core/order_fields.hpp"
#include "sandbox/core/webhook_url.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::size_t orders_max = 100;
constexpr std::int64_t duplicates_max = 100;

Failure invalid(std::string detail) {
  return {"INVALID_ORDER", std::move(detail)};
}

template <class Enum, std::size_t count>
std::string read_choice(const rapidjson::Value& value, const std::array<std::string_view, count>& words, Enum& out) {
  std::string text;
  if (std::string problem = read_text(value, text); !problem.empty()) return problem;
  const auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) {
    out = static_cast<Enum>(found - words.begin());
    return {};
  }
  std::string problem = "must be one of";
  for (const std::string_view word : words) problem += " " + std::string(word);
  return problem;
}

std::string read_provider(const rapidjson::Value& value, ReceiptOrder& order) {
  std::string name;
  if (std::string problem = read_text(value, name); !problem.empty()) return problem;
  const auto provider = provider_from(name);
  if (!provider || !sends_receipts(*provider)) return "must be postmark, sendgrid, ses or twilio";
  order.provider = *provider;
  return {};
}

std::string read_member(std::string_view name, const rapidjson::Value& value, ReceiptOrder& order) {
  constexpr std::int64_t many = std::numeric_limits<std::int32_t>::max();
  if (name == "provider") return read_provider(value, order);
  if (name == "kind") return read_choice(value, receipt_kind_names, order.kind);
  if (name == "forge") return read_choice(value, forgery_names, order.forge);
  if (name == "delay_ms") return read_integer(value, 0, order_delay_ms_max, order.delay_ms);
  if (name == "count") return read_integer(value, 0, many, order.count);
  if (name == "duplicate") return read_integer(value, 0, duplicates_max, order.duplicate);
  if (name == "signature_version") return read_integer(value, 1, 2, order.signature_version);
  if (name == "before_answer") return read_flag(value, order.before_answer);
  if (name == "reverse") return read_flag(value, order.reverse);
  if (name == "recipient_contains") return read_text(value, order.recipient_contains);
  if (name == "url") return read_text(value, order.url);
  return "is not a field of an order";
}

// What goes together; "" when it does.
std::string contradiction(const ReceiptOrder& order, bool url_required) {
  const bool is_twilio = order.provider == ProviderName::TWILIO;
  if (order.kind != ReceiptKind::NONE && receipt_events(order.provider, order.kind, false).empty())
    return "kind " + std::string(receipt_kind_names[static_cast<std::size_t>(order.kind)]) + " is not one of " +
           std::string(to_string(order.provider)) + "'s";
  if (order.forge == Forgery::OLD && order.provider != ProviderName::SENDGRID && order.provider != ProviderName::SES)
    return "forge old is for sendgrid and ses: nobody else signs a time";
  if (order.forge == Forgery::OTHER_TOPIC && order.provider != ProviderName::SES) return "forge other_topic is for ses";
  if (is_twilio) return order.url.empty() ? "" : "url is not for twilio: it is the call's StatusCallback";
  if (order.kind == ReceiptKind::NONE) return "";
  if (order.url.empty()) return url_required ? "url is missing, and no setting says where receipts go" : "";
  const auto url = parse_webhook_url(order.url);
  if (!url) return "url must be http(s)://[user:password@]host[:port][/path]";
  if (!url->user.empty() && order.provider != ProviderName::POSTMARK)
    return "url may hold a password for postmark only";
  return "";
}

void write(JsonText& json, const ReceiptOrder& order) {
  const auto url = parse_webhook_url(order.url);
  json.begin();
  json.text("provider", to_string(order.provider));
  json.text("kind", receipt_kind_names[static_cast<std::size_t>(order.kind)]);
  json.number("delay_ms", order.delay_ms);
  json.number("count", order.count);
  json.number("duplicate", order.duplicate);
  json.flag("before_answer", order.before_answer);
  json.flag("reverse", order.reverse);
  json.text("forge", forgery_names[static_cast<std::size_t>(order.forge)]);
  json.number("signature_version", order.signature_version);
  json.text("recipient_contains", order.recipient_contains);
  json.text("url", url ? url->url : "");
  json.end();
}

}  // namespace

Result<ReceiptOrder> parse_receipt_order(std::string_view text, bool url_required) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (json.HasParseError() || !json.IsObject()) return invalid("the body must be a JSON object");
  ReceiptOrder order;
  for (const auto& member : json.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    if (const std::string problem = read_member(name, member.value, order); !problem.empty())
      return invalid(name + " " + problem);
  }
  if (!json.HasMember("provider")) return invalid("provider is missing");
  if (!json.HasMember("kind")) return invalid("kind is missing");
  if (order.before_answer && !json.HasMember("delay_ms")) order.delay_ms = 0;
  if (std::string problem = contradiction(order, url_required); !problem.empty()) return invalid(std::move(problem));
  return order;
}

Result<bool> ReceiptOrders::set(ReceiptOrder order) {
  std::erase_if(orders_, [&](const ReceiptOrder& old) {
    return old.provider == order.provider && old.recipient_contains == order.recipient_contains;
  });
  if (orders_.size() >= orders_max)
    return Failure{"TOO_MANY_ORDERS", "at most 100 orders; DELETE /receipts takes all back"};
  orders_.insert(order.recipient_contains.empty() ? orders_.end() : orders_.begin(), std::move(order));
  return true;
}

std::string ReceiptOrders::json() const {
  JsonText json;
  json.begin_list();
  for (const ReceiptOrder& order : orders_) write(json, order);
  json.end_list();
  return json.written();
}

std::optional<ReceiptOrder> ReceiptOrders::decide(ProviderName provider, std::string_view recipient) {
  for (auto order = orders_.begin(); order != orders_.end(); ++order) {
    if (order->provider != provider) continue;
    if (!order->recipient_contains.empty() && recipient.find(order->recipient_contains) == std::string_view::npos)
      continue;
    ReceiptOrder decided = *order;
    if (order->count > 0 && --order->count == 0) orders_.erase(order);
    return decided;
  }
  return std::nullopt;
}

}  // namespace carillon::sandbox
