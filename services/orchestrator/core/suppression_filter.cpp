#include "orchestrator/core/suppression_filter.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "security/digest.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

using Query = std::map<std::string, std::string>;
using events::Channel;

constexpr std::size_t hash_chars = 64;
constexpr std::size_t cursor_chars_max = 512;
constexpr std::string_view cursor_prefix = "s1";
constexpr std::size_t cursor_parts = 5;

Failure refuse(std::string_view field, std::string_view why) {
  return {"INVALID_FIELD", std::string(field) + ": " + std::string(why)};
}

bool is_reason(std::string_view text) {
  return !text.empty() && text.size() <= suppression_reason_chars_max && text.front() >= 'A' && text.front() <= 'Z' &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

Failure bad_reason() {
  return refuse("reason", "must be a word of A to Z, 0 to 9 and _, such as HARD_BOUNCE");
}

std::optional<Failure> refuse_unknown(const Query& query, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : query) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string names;
    for (const std::string_view each : known) names += (names.empty() ? "" : ", ") + std::string(each);
    return refuse("query", "unknown parameter; there are " + names);
  }
  return std::nullopt;
}

std::optional<Channel> read_channel(std::string_view name) {
  Channel channel{};
  if (!events::enum_from_name(name, channel) || channel == Channel{}) return std::nullopt;
  return channel;
}

Failure bad_channel() {
  return refuse("channel", "must be one of EMAIL, SMS, SLACK");
}

Failure bad_recipient() {
  return refuse("recipient",
                "must be an e-mail address, a number such as +441632960000, a webhook URL, or a recipient_hash");
}

std::string normal_form(std::string_view recipient) {
  auto email = parse_email(recipient);
  if (email) return std::move(*email);
  if (auto number = parse_e164(recipient)) return std::move(*number);
  auto url = parse_webhook_url(recipient);
  return url ? std::move(*url) : std::string();
}

Result<std::string> address_for(Channel channel, std::string_view recipient) {
  if (is_hash(recipient)) return std::string(recipient);
  const auto [address, wanted] = channel == Channel::EMAIL ? std::pair{parse_email(recipient), "an e-mail address"}
                                 : channel == Channel::SMS
                                     ? std::pair{parse_e164(recipient), "a number such as +441632960000"}
                                     : std::pair{parse_webhook_url(recipient), "a webhook URL"};
  if (!address) return refuse("recipient", std::string("must be ") + wanted + " or a recipient_hash");
  return address;
}

std::optional<SuppressionPlace> read_cursor(std::string_view cursor) {
  if (cursor.size() > cursor_chars_max) return std::nullopt;
  bool ok = false;
  const std::string text = security::from_base64(cursor, ok);
  if (!ok || !is_valid_utf8(text)) return std::nullopt;
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size() && parts.size() <= cursor_parts;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (parts.size() != cursor_parts || parts[0] != cursor_prefix) return std::nullopt;
  if (std::any_of(parts.begin(), parts.end(), has_control_characters)) return std::nullopt;
  std::int64_t micros = 0;
  const char* const end = parts[1].data() + parts[1].size();
  const auto read = std::from_chars(parts[1].data(), end, micros);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return SuppressionPlace{from_unix_micros(micros), parts[2], parts[3], parts[4]};
}

std::optional<Failure> read_limit(const Query& query, int& out) {
  const auto found = query.find("limit");
  if (found == query.end()) return std::nullopt;
  const char* const end = found->second.data() + found->second.size();
  const auto read = std::from_chars(found->second.data(), end, out);
  if (read.ec == std::errc{} && read.ptr == end && out >= 1 && out <= suppression_page_max) return std::nullopt;
  return refuse("limit", "must be a whole number from 1 to " + std::to_string(suppression_page_max));
}

std::string text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

}  // namespace

bool is_hash(std::string_view text) {
  return text.size() == hash_chars && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::vector<std::string>> hashes_of(std::string_view recipient, const security::Sealer& sealer) {
  if (is_hash(recipient)) return std::vector{std::string(recipient)};
  const std::string address = normal_form(recipient);
  if (address.empty()) return std::nullopt;
  std::vector<std::string> hashes{sealer.reference(address)};
  for (std::string& older : sealer.older_references(address)) hashes.push_back(std::move(older));
  return hashes;
}

std::string suppression_cursor(const SuppressionPlace& place) {
  std::string text(cursor_prefix);
  for (const std::string& part :
       {std::to_string(unix_micros(place.created_at)), place.channel, place.recipient_hash, place.category})
    text += '\n' + part;
  return security::base64_url(text);
}

Result<SuppressionFilter> read_suppression_filter(const Query& query, const security::Sealer& sealer) {
  if (auto failure = refuse_unknown(query, {"channel", "recipient", "reason", "cursor", "limit"})) return *failure;
  SuppressionFilter filter;
  for (const auto& [name, value] : query) {
    if (name == "channel") {
      if (!read_channel(value)) return bad_channel();
      filter.channel = value;
    } else if (name == "recipient") {
      filter.hashes = hashes_of(value, sealer);
      if (!filter.hashes) return bad_recipient();
    } else if (name == "reason") {
      if (!is_reason(value)) return bad_reason();
      filter.reason = value;
    } else if (name == "cursor") {
      filter.after = read_cursor(value);
      if (!filter.after) return refuse("cursor", "is not one of this list; start again without it");
    }
  }
  if (auto failure = read_limit(query, filter.limit)) return *failure;
  return filter;
}

Result<SuppressionOrder> read_suppression_order(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return Failure{"MALFORMED_JSON", "body: must be a JSON object"};
  SuppressionOrder order;
  std::map<std::string, std::string> given;
  for (const auto& member : document.GetObject()) {
    const std::string name = text_of(member.name);
    if (name != "channel" && name != "recipient" && name != "reason")
      return refuse("body", "unknown field; there are channel, recipient, reason");
    if (!member.value.IsString()) return refuse(name, "must be text");
    if (!given.emplace(name, text_of(member.value)).second) return refuse(name, "appears twice");
  }
  const auto channel = read_channel(given["channel"]);
  if (!channel) return bad_channel();
  order.channel = *channel;
  auto address = address_for(*channel, given["recipient"]);
  if (!address) return address.error();
  order.recipient = std::move(*address);
  if (const auto reason = given.find("reason"); reason != given.end()) order.reason = reason->second;
  if (!is_reason(order.reason)) return bad_reason();
  return order;
}

std::string hash_of(const SuppressionOrder& order, const security::Sealer& sealer) {
  return is_hash(order.recipient) ? order.recipient : sealer.reference(order.recipient);
}

Result<SuppressionLift> read_suppression_lift(std::string_view channel, std::string_view recipient, const Query& query,
                                              const security::Sealer& sealer) {
  if (auto failure = refuse_unknown(query, {"category"})) return *failure;
  SuppressionLift lift;
  const auto known = read_channel(channel);
  if (!known) return bad_channel();
  lift.channel = *known;
  auto hashes = hashes_of(recipient, sealer);
  if (!hashes) return bad_recipient();
  lift.hashes = std::move(*hashes);
  if (const auto category = query.find("category"); category != query.end()) {
    if (category->second.empty() || !is_valid_utf8(category->second) || has_control_characters(category->second))
      return refuse("category", "must be a category such as digests, or * for all");
    lift.category = category->second;
  }
  return lift;
}

}  // namespace carillon::orchestrator
