// A subscription's history as JSON, what is empty left out.
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "billing-ingest/core/subscription_history.hpp"

namespace carillon::billing {
namespace {

using Json = rapidjson::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

std::int64_t seconds_of(UtcTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// The members of a fact or telling, each named once; `to` writes or reads them.
template <class To, class Facts>
void for_each_member(To& to, Facts& facts) {
  to("customer", facts.customer_id);
  to("status", facts.status);
  to("plan", facts.plan);
  to("email", facts.email);
  to("name", facts.name);
  to("period_end", facts.period_end);
}
template <class To, class Facts>
void for_each_fact(To& to, Facts& facts) {
  for_each_member(to, facts);
  to("told_at", facts.told_at);
  to("told_rank", facts.told_rank);
}
template <class To, class One>
void for_each_of_telling(To& to, One& telling) {
  for_each_member(to, telling);
  to("event", telling.event_id);
  to("kind", telling.kind);
  to("at", telling.at);
  to("previous_status", telling.previous_status);
  to("previous_plan", telling.previous_plan);
  to("first_period", telling.first_period);
  to("paid", telling.paid);
  to("trial", telling.trial);
}

struct Write {
  Writer& json;
  void operator()(const char* name, const std::string& text) {
    if (text.empty()) return;
    json.Key(name);
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void operator()(const char* name, bool value) {
    if (!value) return;
    json.Key(name);
    json.Bool(value);
  }
  void operator()(const char* name, int value) {
    json.Key(name);
    json.Int(value);
  }
  void operator()(const char* name, EventKind kind) { (*this)(name, rank_of(kind)); }
  void operator()(const char* name, UtcTime time) {
    json.Key(name);
    json.Int64(seconds_of(time));
  }
  void operator()(const char* name, const std::optional<UtcTime>& time) {
    if (time) (*this)(name, *time);
  }
};

struct Read {
  const Json& json;
  const Json* find(const char* name) const {
    const auto member = json.FindMember(name);
    return member == json.MemberEnd() ? nullptr : &member->value;
  }
  std::int64_t number(const char* name) const {
    const Json* value = find(name);
    return value != nullptr && value->IsInt64() ? value->GetInt64() : 0;
  }
  void operator()(const char* name, std::string& text) const {
    const Json* value = find(name);
    if (value != nullptr && value->IsString()) text.assign(value->GetString(), value->GetStringLength());
  }
  void operator()(const char* name, bool& into) const {
    const Json* value = find(name);
    into = value != nullptr && value->IsTrue();
  }
  void operator()(const char* name, int& into) const { into = static_cast<int>(number(name)); }
  void operator()(const char* name, EventKind& into) const { into = static_cast<EventKind>(number(name)); }
  void operator()(const char* name, UtcTime& into) const { into = UtcTime{std::chrono::seconds{number(name)}}; }
  void operator()(const char* name, std::optional<UtcTime>& into) const {
    if (find(name) != nullptr) into = UtcTime{std::chrono::seconds{number(name)}};
  }
};

}  // namespace

std::string to_text(const SubscriptionHistory& history) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  Write write{json};
  json.StartObject();
  json.Key("settled");
  json.StartObject();
  for_each_fact(write, history.settled);
  json.EndObject();
  json.Key("told");
  json.StartArray();
  for (const Telling& telling : history.told) {
    json.StartObject();
    for_each_of_telling(write, telling);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::optional<SubscriptionHistory> read_history(const std::string& text) {
  rapidjson::Document root;
  root.Parse(text.data(), text.size());
  if (root.HasParseError() || !root.IsObject()) return std::nullopt;
  const auto settled = root.FindMember("settled"), told = root.FindMember("told");
  if (settled == root.MemberEnd() || !settled->value.IsObject() || told == root.MemberEnd() || !told->value.IsArray())
    return std::nullopt;
  SubscriptionHistory history;
  const Read read_settled{settled->value};
  for_each_fact(read_settled, history.settled);
  for (const Json& each : told->value.GetArray()) {
    if (!each.IsObject()) return std::nullopt;
    const Read read{each};
    for_each_of_telling(read, history.told.emplace_back());
  }
  return history;
}

}  // namespace carillon::billing
