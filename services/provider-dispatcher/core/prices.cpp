#include "provider-dispatcher/core/prices.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>

namespace carillon::dispatcher {

namespace {

using Json = rapidjson::Value;

std::string_view text_of(const Json& value) {
  return {value.GetString(), value.GetStringLength()};
}

Failure refused(const std::string& place, const std::string& what) {
  return {"INVALID_PRICE_FILE", place + ": " + what};
}

std::optional<Failure> read_channel(const std::string& place, const Json& value, Price& price) {
  const bool known = value.IsString() && events::enum_from_name(text_of(value), price.channel) &&
                     price.channel != events::Channel::CHANNEL_UNSPECIFIED;
  return known ? std::nullopt : std::optional(refused(place, "must be EMAIL, SMS or SLACK"));
}

std::optional<Failure> read_free_units(const std::string& place, const Json& value, Price& price) {
  if (!value.IsInt64() || value.GetInt64() < 0 || value.GetInt64() > free_units_max) {
    return refused(place, "must be a whole number from 0 to " + std::to_string(free_units_max));
  }
  price.free_units = value.GetInt64();
  return std::nullopt;
}

std::optional<Failure> read_unit_price(const std::string& place, const Json& value, Price& price) {
  if (value.IsNull()) return std::nullopt;
  if (!value.IsString()) return refused(place, "must be a string such as \"0.0075\", or null when it is not known");
  const auto amount = parse_usd(text_of(value));
  if (!amount) return refused(place, amount.error().detail);
  price.unit_price = *amount;
  return std::nullopt;
}

std::optional<Failure> read_development(const std::string& place, const Json& value, Price& price) {
  if (!value.IsBool()) return refused(place, "must be true or false");
  price.development = value.GetBool();
  return std::nullopt;
}

struct Member {
  std::string_view name;
  bool required;
  std::optional<Failure> (*read)(const std::string& place, const Json& value, Price& price);
};
constexpr std::array<Member, 4> members{{{"channel", true, read_channel},
                                         {"free_units_per_month", true, read_free_units},
                                         {"price_per_unit", true, read_unit_price},
                                         {"development", false, read_development}}};

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Result<Price> read_price(std::string_view provider, const Json& value) {
  const std::string place = "providers." + std::string(provider);
  if (!is_name(provider)) return refused("providers", "a name must be lower-case letters, digits, - and _");
  if (!value.IsObject()) return refused(place, "must be an object");
  Price price;
  price.provider = provider;
  for (const auto& entry : value.GetObject()) {
    const std::string_view name = text_of(entry.name);
    const auto member = std::ranges::find(members, name, &Member::name);
    if (member == members.end()) return refused(place, "has an unknown member " + std::string(name));
    if (auto failure = member->read(place + "." + std::string(name), entry.value, price)) return *failure;
  }
  for (const Member& member : members) {
    if (member.required && !value.HasMember(Json(rapidjson::StringRef(member.name.data(), member.name.size()))))
      return refused(place, std::string(member.name) + " is missing");
  }
  return price;
}

}  // namespace

Cost cost_of(const Price* price, std::int64_t units) {
  Cost cost;
  cost.units = std::max<std::int64_t>(units, 0);
  if (price == nullptr) {
    cost.uncovered = cost.units;
    return cost;
  }
  cost.free = std::min(cost.units, price->free_units);
  const std::int64_t rest = cost.units - cost.free;
  if (price->unit_price) {
    cost.paid = rest;
    cost.amount = *price->unit_price * rest;
  } else {
    cost.uncovered = rest;
  }
  return cost;
}

std::int64_t units_of(events::Channel channel, int sms_segments) {
  return channel == events::Channel::SMS ? std::max(sms_segments, 1) : 1;
}

Result<PriceList> PriceList::parse(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  if (document.HasParseError()) return refused("file", "is not JSON");
  if (!document.IsObject() || document.MemberCount() != 2 || !document.HasMember("currency") ||
      !document.HasMember("providers")) {
    return refused("file", "must be an object with currency and providers");
  }
  if (!document["currency"].IsString() || text_of(document["currency"]) != "USD")
    return refused("currency", "must be USD");
  if (!document["providers"].IsObject()) return refused("providers", "must be an object");
  PriceList list;
  for (const auto& entry : document["providers"].GetObject()) {
    auto price = read_price(text_of(entry.name), entry.value);
    if (!price) return price.error();
    if (list.find(price->provider) != nullptr)
      return refused("providers." + price->provider, "is there twice; name each provider once");
    const auto same_channel = std::ranges::count(list.prices_, price->channel, &Price::channel);
    if (static_cast<std::size_t>(same_channel) >= prices_per_channel_max)
      return refused("providers", "more than " + std::to_string(prices_per_channel_max) + " of one channel");
    list.prices_.push_back(std::move(price).value());
  }
  return list;
}

const Price* PriceList::find(std::string_view provider) const {
  const auto found = std::ranges::find(prices_, provider, &Price::provider);
  return found == prices_.end() ? nullptr : &*found;
}

}  // namespace carillon::dispatcher
