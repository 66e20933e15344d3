#include "billing-ingest/adapters/http_events.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>

#include "billing-ingest/app/billing_records.hpp"
#include "billing_sql.hpp"
#include "security/digest.hpp"

namespace carillon::billing {
namespace {

constexpr int limit_default = 50, limit_max = 200;
constexpr std::array statuses{"PENDING", "APPLIED", "STALE", "IGNORED", "REFUSED", "DEAD"};

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

void member(Json& json, const char* name, std::string_view text) {
  json.Key(name);
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void time_member(Json& json, const char* name, const pqxx::field& field) {
  json.Key(name);
  if (field.is_null()) {
    json.Null();
  } else {
    const std::string text = to_rfc3339(pg::to_utc(field.c_str()));
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
}

// The members of one event, in the order of the queries' columns.
template <class Row>
void write_event(Json& json, const Row& row) {
  member(json, "event_id", row[0].c_str());
  member(json, "type", row[1].c_str());
  member(json, "status", row[2].c_str());
  member(json, "reason", row[3].c_str());
  json.Key("attempts");
  json.Int(row[4].template as<int>());
  time_member(json, "created_at", row[5]);
  time_member(json, "received_at", row[6]);
  time_member(json, "decided_at", row[7]);
  if (std::string_view(row[2].c_str()) == "PENDING") time_member(json, "due_at", row[8]);
  member(json, "client_id", row[9].c_str());
  member(json, "customer_id", row[10].c_str());
  member(json, "subscription_id", row[11].c_str());
}

std::string parameter(const http::Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string{} : found->second;
}

http::Response invalid(std::string_view field, const std::string& detail) {
  return http::problem(400, "INVALID_FIELD", std::string(field) + ": " + detail,
                       "\"field\":" + http::json_string(field));
}

// Where a page ends: the time and the id of its last event.
std::string cursor_of(const std::string& received_at, const std::string& event_id) {
  return security::base64_url(received_at + " " + event_id);
}

bool read_cursor(const std::string& cursor, pg::Params& params) {
  bool ok = false;
  const std::string text = security::from_base64(cursor, ok);
  const auto blank = text.find(' ');
  const auto time = ok && blank != std::string::npos ? from_rfc3339(text.substr(0, blank)) : std::nullopt;
  if (!time || text.find('\0') != std::string::npos) return false;
  params.add(*time).add(text.substr(blank + 1));
  return true;
}

http::Response not_found() {
  return http::problem(404, "EVENT_NOT_FOUND", "no such Stripe event is stored");
}

}  // namespace

void HttpEvents::routes(http::Router& router, const http::Guard& admin) {
  router.add(
      http::Method::GET, "/api/admin/billing/events", [this](const http::Request& request) { return list(request); },
      admin);
  router.add(
      http::Method::GET, "/api/admin/billing/events/{id}",
      [this](const http::Request& request) { return show(request); }, admin);
  router.add(
      http::Method::POST, "/api/admin/billing/events/{id}/replay",
      [this](const http::Request& request) { return replay(request); }, admin);
}

http::Response HttpEvents::list(const http::Request& request) {
  const std::string status = parameter(request, "status"), client = parameter(request, "client_id"),
                    limit_text = parameter(request, "limit"), cursor = parameter(request, "cursor");
  if (!status.empty() && std::find(statuses.begin(), statuses.end(), status) == statuses.end())
    return invalid("status", "must be PENDING, APPLIED, STALE, IGNORED, REFUSED or DEAD");
  int limit = limit_default;
  if (!limit_text.empty()) {
    const auto [end, error] = std::from_chars(limit_text.data(), limit_text.data() + limit_text.size(), limit);
    if (error != std::errc{} || end != limit_text.data() + limit_text.size() || limit < 1 || limit > limit_max)
      return invalid("limit", "must be 1 to " + std::to_string(limit_max));
  }
  pg::Params params;
  status.empty() ? params.add_null() : params.add(status);
  client.empty() ? params.add_null() : params.add(client);
  if (cursor.empty()) {
    params.add_null().add_null();
  } else if (!read_cursor(cursor, params)) {
    return invalid("cursor", "must be one that this list gave");
  }
  params.add(limit);
  auto connection = pool_.take();
  const auto rows = connection->run(billing_sql::list_events, params);
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  json.Key("items");
  json.StartArray();
  for (const auto& row : rows) {
    json.StartObject();
    write_event(json, row);
    json.EndObject();
  }
  json.EndArray();
  json.Key("next_cursor");
  if (static_cast<int>(rows.size()) == limit) {
    const auto& last = rows[rows.size() - 1];
    const std::string next = cursor_of(to_rfc3339(pg::to_utc(last[6].c_str())), last[0].c_str());
    json.String(next.data(), static_cast<rapidjson::SizeType>(next.size()));
  } else {
    json.Null();
  }
  json.EndObject();
  return http::json(200, {buffer.GetString(), buffer.GetSize()});
}

http::Response HttpEvents::show(const http::Request& request) {
  auto connection = pool_.take();
  const auto rows = connection->run(billing_sql::find_event, pg::Params().add(request.params.at("id")));
  if (rows.empty()) return not_found();
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  write_event(json, rows[0]);
  json.Key("payload");
  const std::string_view payload = rows[0][12].c_str();
  json.RawValue(payload.data(), payload.size(), rapidjson::kObjectType);
  json.EndObject();
  // It holds what Stripe knows of a person, so who has looked is noted.
  bus::Outbox out;
  pg::Transaction tx(*connection);
  publish_audit(out,
                {"STRIPE_EVENT_VIEWED", "api:" + request.params.at("api_key_owner"), "stripe_event",
                 request.params.at("id"), rows[0][9].c_str(), "SHOWN"},
                clock_.now(), request.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  return http::json(200, {buffer.GetString(), buffer.GetSize()});
}

http::Response HttpEvents::replay(const http::Request& request) {
  const std::string& id = request.params.at("id");
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  bus::Outbox out;
  pg::Transaction tx(*connection);
  const auto rows = tx.run(billing_sql::replay_event, pg::Params().add(id).add(now));
  if (rows.empty()) {
    const auto found = tx.run(billing_sql::find_event, pg::Params().add(id));
    if (found.empty()) return not_found();
    return http::problem(409, "EVENT_NOT_REPLAYABLE",
                         std::string("the event is ") + found[0][2].c_str() +
                             "; only DEAD, REFUSED, IGNORED and STALE ones are handled again");
  }
  publish_audit(out,
                {"STRIPE_EVENT_REPLAYED",
                 "api:" + request.params.at("api_key_owner"),
                 "stripe_event",
                 id,
                 rows[0][1].c_str(),
                 "PENDING",
                 "",
                 {{"type", rows[0][0].c_str()}}},
                now, request.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  replayed_();
  return http::json(202, "{\"event_id\":" + http::json_string(id) + ",\"status\":\"PENDING\"}");
}

}  // namespace carillon::billing
