#include "sandbox/core/faults.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <limits>

namespace carillon::sandbox {
namespace {

constexpr std::size_t orders_max = 100;
constexpr std::int64_t delay_ms_max = 600'000;
constexpr std::int64_t text_bytes_max = 64 * 1024;

Failure invalid(std::string detail) {
  return {"INVALID_ORDER", std::move(detail)};
}

// splitmix64 (Steele, Lea, Flood 2014): small, and the same everywhere for the same seed.
std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

using Json = rapidjson::Value;

// Reads one member; "" = fine, else what is wrong with it.
std::string read_text(const Json& value, std::string& out) {
  if (!value.IsString() || value.GetStringLength() > text_bytes_max) return "must be a text";
  out.assign(value.GetString(), value.GetStringLength());
  return {};
}

std::string read_integer(const Json& value, std::int64_t min, std::int64_t max, std::int64_t& out) {
  if (!value.IsInt64() || value.GetInt64() < min || value.GetInt64() > max) {
    return "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  }
  out = value.GetInt64();
  return {};
}

std::string read_member(std::string_view name, const Json& value, Order& order) {
  constexpr std::int64_t many = std::numeric_limits<std::int32_t>::max();
  std::int64_t number = 0;
  if (name == "provider") {
    const std::string problem = read_text(value, order.provider);
    if (!problem.empty()) return problem;
    return order.provider == "*" || provider_from(order.provider) ? "" : "must be postmark, twilio, smtp, console or *";
  }
  if (name == "mode") {
    std::string mode;
    if (const std::string problem = read_text(value, mode); !problem.empty()) return problem;
    const auto found = std::find(mode_names.begin(), mode_names.end(), mode);
    if (found == mode_names.end()) return "must be ok, status, delay, hang, reset, drop_after_read, rate or garbage";
    order.mode = static_cast<Mode>(found - mode_names.begin());
    return {};
  }
  if (name == "status") {
    const std::string problem = read_integer(value, 200, 599, number);
    if (problem.empty()) order.status = static_cast<int>(number);
    return problem;
  }
  if (name == "error_code" && value.IsInt64()) {
    order.error_code = std::to_string(value.GetInt64());
    return {};
  }
  if (name == "error_code") return read_text(value, order.error_code);
  if (name == "body") return read_text(value, order.body);
  if (name == "recipient_contains") return read_text(value, order.recipient_contains);
  if (name == "delay_ms") return read_integer(value, 0, delay_ms_max, order.delay_ms);
  if (name == "retry_after_s") return read_integer(value, 0, 86'400, order.retry_after_s);
  if (name == "count") return read_integer(value, 0, many, order.count);
  if (name == "per_second") return read_integer(value, 0, many, order.per_second);
  if (name == "seed") {
    const std::string problem = read_integer(value, 0, std::numeric_limits<std::int64_t>::max(), number);
    order.seed = static_cast<std::uint64_t>(number);
    return problem;
  }
  if (name == "probability") {
    if (!value.IsNumber() || value.GetDouble() < 0 || value.GetDouble() > 1) return "must be a number from 0 to 1";
    order.probability = value.GetDouble();
    return {};
  }
  return "is not a field of an order";
}

void write(rapidjson::Writer<rapidjson::StringBuffer>& json, const Order& order) {
  const auto text = [&json](const char* name, std::string_view value) {
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  const auto number = [&json](const char* name, std::int64_t value) {
    json.Key(name);
    json.Int64(value);
  };
  json.StartObject();
  text("provider", order.provider);
  text("mode", mode_names[static_cast<std::size_t>(order.mode)]);
  number("status", order.status);
  text("body", order.body);
  text("error_code", order.error_code);
  number("delay_ms", order.delay_ms);
  number("retry_after_s", order.retry_after_s);
  number("count", order.count);
  json.Key("probability");
  json.Double(order.probability);
  number("seed", static_cast<std::int64_t>(order.seed));
  text("recipient_contains", order.recipient_contains);
  number("per_second", order.per_second);
  json.EndObject();
}

}  // namespace

Result<Order> parse_order(std::string_view text) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (json.HasParseError() || !json.IsObject()) return invalid("the body must be a JSON object");
  Order order;
  for (const auto& member : json.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    if (const std::string problem = read_member(name, member.value, order); !problem.empty())
      return invalid(name + " " + problem);
  }
  if (!json.HasMember("mode")) return invalid("mode is missing");
  if (order.mode == Mode::DELAY && order.delay_ms == 0) return invalid("delay_ms must be set for mode delay");
  return order;
}

std::string to_json(const Order& order) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  write(json, order);
  return {buffer.GetString(), buffer.GetSize()};
}

Result<bool> Faults::set(Order order) {
  std::erase_if(orders_, [&](const Active& active) {
    const bool same_provider =
        active.order.provider == order.provider || (order.mode == Mode::OK && order.provider == "*");
    return same_provider && (active.order.recipient_contains == order.recipient_contains || order.mode == Mode::OK);
  });
  if (order.mode == Mode::OK) return true;
  if (orders_.size() >= orders_max)
    return Failure{"TOO_MANY_ORDERS", "at most 100 orders; DELETE /control takes all back"};
  const Active active{order, order.count, order.seed};
  // Named providers first, so that "*" is what remains.
  orders_.insert(order.provider == "*" ? orders_.end() : orders_.begin(), active);
  return true;
}

std::string Faults::json() const {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartArray();
  for (const Active& active : orders_) {
    Order order = active.order;
    order.count = active.calls_left;
    write(json, order);
  }
  json.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

const Order* Faults::order_for(ProviderName provider) const {
  for (const Active& active : orders_) {
    if (active.order.provider == "*" || active.order.provider == to_string(provider)) return &active.order;
  }
  return nullptr;
}

bool Faults::applies(Active& active, ProviderName provider, std::string_view recipient, UtcTime now) {
  const Order& order = active.order;
  if (order.provider != "*" && order.provider != to_string(provider)) return false;
  if (!order.recipient_contains.empty() && recipient.find(order.recipient_contains) == std::string_view::npos)
    return false;
  if (order.mode == Mode::RATE) {
    const std::int64_t second = unix_micros(now) / 1'000'000;
    if (second != active.second) {
      active.second = second;
      active.calls_in_second = 0;
    }
    if (++active.calls_in_second <= order.per_second) return false;
  }
  if (order.probability >= 1) return true;
  constexpr double two_to_53 = 9007199254740992.0;
  return static_cast<double>(next_random(active.random) >> 11) / two_to_53 < order.probability;
}

Verdict Faults::decide(ProviderName provider, std::string_view recipient, UtcTime now) {
  for (auto active = orders_.begin(); active != orders_.end(); ++active) {
    if (!applies(*active, provider, recipient, now)) continue;
    Verdict verdict{active->order.mode, active->order};
    if (active->order.count > 0 && --active->calls_left == 0) orders_.erase(active);
    return verdict;
  }
  return {};
}

}  // namespace carillon::sandbox
