#include "provisioning/app/client_rows.hpp"

#include <array>
#include <stdexcept>

namespace carillon::provisioning {
namespace {

struct TextColumn {
  const char* name;
  std::string& (*of)(Client&);
};

// In the order of insert_clients.sql and update_clients.sql.
constexpr std::array<TextColumn, 21> text_columns{{
    {"id", [](Client& c) -> std::string& { return c.id; }},
    {"onboarding_status", [](Client& c) -> std::string& { return c.onboarding_status; }},
    {"onboarding_state", [](Client& c) -> std::string& { return c.onboarding_state; }},
    {"plan", [](Client& c) -> std::string& { return c.plan; }},
    {"subscription_status", [](Client& c) -> std::string& { return c.subscription_status; }},
    {"business_name", [](Client& c) -> std::string& { return c.business_name; }},
    {"business_type", [](Client& c) -> std::string& { return c.business_type; }},
    {"location", [](Client& c) -> std::string& { return c.location; }},
    {"owner_name", [](Client& c) -> std::string& { return c.owner_name; }},
    {"owner_phone", [](Client& c) -> std::string& { return c.owner_phone; }},
    {"notification_preference", [](Client& c) -> std::string& { return c.notification_preference; }},
    {"phone_type", [](Client& c) -> std::string& { return c.phone_type; }},
    {"twilio_number", [](Client& c) -> std::string& { return c.twilio_number; }},
    {"email", [](Client& c) -> std::string& { return c.contacts.email; }},
    {"phone", [](Client& c) -> std::string& { return c.contacts.phone; }},
    {"billing_email", [](Client& c) -> std::string& { return c.contacts.billing_email; }},
    {"slack_webhook", [](Client& c) -> std::string& { return c.contacts.slack_webhook; }},
    {"time_zone", [](Client& c) -> std::string& { return c.time_zone; }},
    {"locale", [](Client& c) -> std::string& { return c.locale; }},
    {"stripe_customer_id", [](Client& c) -> std::string& { return c.stripe_customer_id; }},
    {"stripe_subscription_id", [](Client& c) -> std::string& { return c.stripe_subscription_id; }},
}};

// The codec knows whole events only, so the list is written and read as the member of one.
constexpr std::string_view list_begins = R"({"entitlements":)";

std::string entitlements_json(const Client& client) {
  if (client.entitlements.empty()) return "[]";
  events::ClientState state;
  state.entitlements = client.entitlements;
  const std::string json = events::to_json(state);
  return json.substr(list_begins.size(), json.size() - list_begins.size() - 1);
}

std::vector<events::Entitlement> entitlements_of(const std::string& json) {
  auto state = events::from_json<events::ClientState>(std::string(list_begins) + json + "}");
  if (!state) throw std::runtime_error("clients.entitlements can't be read: " + state.error().detail);
  return std::move(state->entitlements);
}

}  // namespace

Client client_of(const pqxx::row& row) {
  Client client;
  for (const TextColumn& column : text_columns) column.of(client) = row[column.name].as<std::string>();
  client.entitlements = entitlements_of(row["entitlements"].as<std::string>());
  client.version = row["version"].as<std::int64_t>();
  client.billing_version = row["billing_version"].as<std::int64_t>();
  client.payment_active = row["payment_active"].as<bool>();
  client.sms_enabled = row["sms_enabled"].as<bool>();
  client.deleted = row["deleted"].as<bool>();
  client.created_at = pg::to_utc(row["created_at"].c_str());
  client.updated_at = pg::to_utc(row["updated_at"].c_str());
  return client;
}

pg::Params columns_of(std::span<Client> clients) {
  pg::Params params;
  for (const TextColumn& column : text_columns) {
    pg::Array values;
    for (Client& client : clients) values.add(column.of(client));
    params.add(std::move(values));
  }
  const auto add = [&](auto value_of) {
    pg::Array values;
    for (const Client& client : clients) values.add(value_of(client));
    params.add(std::move(values));
  };
  add([](const Client& c) { return entitlements_json(c); });
  add([](const Client& c) { return c.version; });
  add([](const Client& c) { return c.billing_version; });
  add([](const Client& c) { return c.payment_active; });
  add([](const Client& c) { return c.sms_enabled; });
  add([](const Client& c) { return c.deleted; });
  add([](const Client& c) { return c.created_at; });
  add([](const Client& c) { return c.updated_at; });
  return params;
}

}  // namespace carillon::provisioning
