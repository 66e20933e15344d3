#include "sandbox/core/faults.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <limits>

#include "sandbox/core/json_text.hpp"
#include "sandbox/core/order_fields.hpp"
#include "sandbox/core/provider_errors.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::size_t orders_max = 100;

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
std::string read_member(std::string_view name, const Json& value, Order& order) {
  constexpr std::int64_t many = std::numeric_limits<std::int32_t>::max();
  std::int64_t number = 0;
  if (name == "provider") {
    const std::string problem = read_text(value, order.provider);
    if (!problem.empty()) return problem;
    if (order.provider == "*" || provider_from(order.provider)) return {};
    return "must be " + std::string(provider_names_text) + ", or *";
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
  if (name == "error_code") return read_word(value, order.error_code);
  if (name == "body") return read_text(value, order.body);
  if (name == "recipient_contains") return read_text(value, order.recipient_contains);
  if (name == "delay_ms") return read_integer(value, 0, order_delay_ms_max, order.delay_ms);
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

// An order that names an error means that error's status.
void take_usual_status(Order& order) {
  const auto provider = provider_from(order.provider);
  if (!provider) return;
  if (const ProviderError* error = find_error(*provider, order.error_code); error != nullptr)
    order.status = error->status;
}

void write(JsonText& json, const Order& order) {
  json.begin();
  json.text("provider", order.provider);
  json.text("mode", mode_names[static_cast<std::size_t>(order.mode)]);
  json.number("status", order.status);
  json.text("body", order.body);
  json.text("error_code", order.error_code);
  json.number("delay_ms", order.delay_ms);
  json.number("retry_after_s", order.retry_after_s);
  json.number("count", order.count);
  json.fraction("probability", order.probability);
  json.number("seed", static_cast<std::int64_t>(order.seed));
  json.text("recipient_contains", order.recipient_contains);
  json.number("per_second", order.per_second);
  json.end();
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
  if (!json.HasMember("status")) take_usual_status(order);
  if (!json.HasMember("mode")) return invalid("mode is missing");
  if (order.mode == Mode::DELAY && order.delay_ms == 0) return invalid("delay_ms must be set for mode delay");
  return order;
}

std::string to_json(const Order& order) {
  JsonText json;
  write(json, order);
  return json.written();
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
  JsonText json;
  json.begin_list();
  for (const Active& active : orders_) {
    Order order = active.order;
    order.count = active.calls_left;
    write(json, order);
  }
  json.end_list();
  return json.written();
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
