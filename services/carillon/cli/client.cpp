// carillon client put|show|list|remove|resend-invite|republish: the directory of clients.
#include <fmt/format.h>

#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

namespace carillon::cli {
namespace {

constexpr const char* clients_path = "/api/admin/clients";
constexpr int list_entries_max = 1'000'000;

struct ClientOptions {
  std::string id;
  std::map<std::string, std::string> facts, contacts;  // by their names in the API
  std::vector<std::string> features, withheld;         // KEY or KEY=TIME
  bool sms_enabled = false, payment_active = false;
  std::string plan, onboarding_status, email;  // filters
  int limit = 50;
  std::int64_t if_version = 0;
  bool json = false;
};

std::string one_path(const std::string& id) {
  return clients_path + ("/" + http::percent_encoded(id));
}

std::string member(const std::string& name, const std::string& value) {
  return (http::json_string(name) + ":").append(http::json_string(value));
}

std::string members(const std::map<std::string, std::string>& values) {
  std::string out;
  for (const auto& [name, value] : values) out += (out.empty() ? "" : ",") + member(name, value);
  return out;
}

// "sms_reminders" or "sms_reminders=2027-01-31T00:00:00Z"
std::string entitlement(const std::string& text, bool granted) {
  const auto equals = text.find('=');
  std::string out = "{" + member("feature_key", text.substr(0, equals));
  out += std::string(",\"granted\":") + (granted ? "true" : "false");
  if (equals != std::string::npos) out += "," + member("expires_at", text.substr(equals + 1));
  return out + "}";
}

std::string body_of(const ClientOptions& options) {
  std::string entitlements;
  for (const auto& [list, granted] : {std::pair{&options.features, true}, {&options.withheld, false}})
    for (const std::string& text : *list)
      entitlements += (entitlements.empty() ? "" : ",") + entitlement(text, granted);
  std::string out = "{" + members(options.facts);
  out += std::string(",\"sms_enabled\":") + (options.sms_enabled ? "true" : "false");
  if (options.payment_active) out += ",\"payment_active\":true";
  return out + ",\"contacts\":{" + members(options.contacts) + "},\"entitlements\":[" + entitlements + "]}";
}

void put(const ClientOptions& options) {
  Api api;
  http::Fields headers;
  if (options.if_version > 0) headers.emplace_back("If-Match", fmt::format("\"{}\"", options.if_version));
  const auto client = api.put(one_path(options.id), body_of(options), headers);
  if (options.json)
    std::cout << to_line(client) << '\n';
  else
    std::cout << "client " << options.id << " is at version " << text_of(client, "version") << '\n';
}

std::vector<std::string> client_row(const rapidjson::Value& client) {
  const auto shown = [](const rapidjson::Value& of, const char* name) { return for_terminal(text_of(of, name)); };
  const auto& contacts = client["contacts"];
  return {shown(client, "client_id"),
          shown(client, "version"),
          shown(client, "onboarding_status"),
          shown(client, "plan"),
          shown(client, "subscription_status"),
          client["payment_active"].GetBool() ? "active" : "none",
          shown(contacts, "email"),
          shown(contacts, "phone"),
          shown(client, "twilio_number"),
          shown(contacts, "slack_webhook")};
}

std::string table_of(const std::vector<std::vector<std::string>>& rows) {
  return table(
      {"CLIENT", "VERSION", "ONBOARDING", "PLAN", "SUBSCRIPTION", "PAYMENT", "E-MAIL", "PHONE", "NUMBER", "SLACK"},
      rows);
}

void show_client(const ClientOptions& options) {
  Api api;
  const auto client = api.get(one_path(options.id));
  if (options.json)
    std::cout << to_line(client) << '\n';
  else
    std::cout << table_of({client_row(client)});
}

void list(const ClientOptions& options) {
  http::Fields query;
  for (const auto& [name, value] :
       {std::pair{"plan", &options.plan}, {"onboarding_status", &options.onboarding_status}, {"email", &options.email}})
    if (!value->empty()) query.emplace_back(name, *value);
  Api api;
  std::vector<std::vector<std::string>> rows;
  const bool more = api.get_entries(clients_path, query, options.limit, [&](const rapidjson::Value& client) {
    if (options.json) std::cout << to_line(client) << '\n';
    rows.push_back(client_row(client));
  });
  if (!options.json) std::cout << (rows.empty() ? "no client; carillon client put makes one\n" : table_of(rows));
  if (more) std::cerr << "carillon: there are more; --limit shows them\n";
}

void remove_client(const ClientOptions& options) {
  Api api;
  const auto client = api.remove(one_path(options.id));
  if (options.json)
    std::cout << to_line(client) << '\n';
  else
    std::cout << "client " << options.id << " is gone, as of version " << text_of(client, "version") << '\n';
}

void resend_invite(const ClientOptions& options) {
  Api api;
  const auto answer = api.post(one_path(options.id) + "/resend-password-setup", {});
  if (options.json)
    std::cout << to_line(answer) << '\n';
  else
    std::cout << "the owner gets a new link; carillon message watch " << text_of(answer, "message_id")
              << " follows the mail\n";
}

void republish(const ClientOptions& options) {
  Api api;
  const auto answer = api.post("/api/admin/client-state/republish", {});
  if (options.json)
    std::cout << to_line(answer) << '\n';
  else
    std::cout << text_of(answer, "published") << " clients were published on client.state.v1 again\n";
}

void add_put(CLI::App& command, const std::shared_ptr<ClientOptions>& options) {
  auto* put_command = command.add_subcommand("put", "make a client, or replace the facts about one");
  put_command->add_option("client_id", options->id)->required();
  const auto fact = [&](const char* flag, const char* name, const char* default_value, const char* help) {
    return put_command->add_option(flag, options->facts[name], help)->default_val(default_value);
  };
  fact("--onboarding-status", "onboarding_status", "PROVISIONED",
       "PENDING or PROVISIONED, which lets every template through");
  fact("--plan", "plan", "SOLO", "")->check(CLI::IsMember({"SOLO", "PORTFOLIO", "PRO"}));
  fact("--subscription-status", "subscription_status", "active", "as Stripe names it");
  fact("--business-name", "business_name", "", "");
  fact("--business-type", "business_type", "", "");
  fact("--location", "location", "", "");
  fact("--owner-name", "owner_name", "", "");
  fact("--owner-phone", "owner_phone", "", "E.164; the number the owner writes from");
  fact("--locale", "locale", "", "a language tag such as en");
  fact("--time-zone", "time_zone", "", "an IANA name such as Europe/London");
  const auto contact = [&](const char* flag, const char* name, const char* help) {
    put_command->add_option(flag, options->contacts[name], help);
  };
  contact("--email", "email", "");
  contact("--billing-email", "billing_email", "where mail about bills goes instead");
  contact("--phone", "phone", "E.164");
  contact("--slack-webhook", "slack_webhook", "URL of an incoming webhook; a secret");
  put_command->add_option("--feature", options->features,
                          "KEY or KEY=TIME: given beyond the plan (until then); repeatable");
  put_command->add_option("--withhold", options->withheld,
                          "KEY or KEY=TIME: taken away whatever the plan says; repeatable");
  put_command->add_flag("--sms-enabled", options->sms_enabled);
  put_command->add_flag("--payment-active", options->payment_active, "paid for in another way than by Stripe");
  put_command->add_option("--if-version", options->if_version, "only when the client is at this version")
      ->check(CLI::PositiveNumber);
  put_command->add_flag("--json", options->json);
  put_command->callback([options] { put(*options); });
}

}  // namespace

void add_client(CLI::App& app) {
  auto options = std::make_shared<ClientOptions>();
  auto* command = app.add_subcommand("client", "Clients: carillon client put acme --plan PRO --email ann@acme.example")
                      ->require_subcommand(1);
  add_put(*command, options);
  const auto of_one = [&](const char* name, const char* help, void (*run)(const ClientOptions&)) {
    auto* one = command->add_subcommand(name, help);
    one->add_option("client_id", options->id)->required();
    one->add_flag("--json", options->json);
    one->callback([options, run] { run(*options); });
  };
  of_one("show", "what is known about a client; this is audited", show_client);
  of_one("remove", "the client is gone and gets nothing any more", remove_client);
  of_one("resend-invite", "send the owner the link that sets a password once more", resend_invite);
  auto* listing = command->add_subcommand("list", "clients, newest first; addresses and numbers are masked");
  listing->add_option("--plan", options->plan)->check(CLI::IsMember({"SOLO", "PORTFOLIO", "PRO"}));
  listing->add_option("--onboarding-status", options->onboarding_status)
      ->check(CLI::IsMember({"PENDING", "PROVISIONED"}));
  listing->add_option("--email", options->email, "only who has this address");
  listing->add_option("--limit", options->limit, "at most so many")->check(CLI::Range(1, list_entries_max));
  listing->add_flag("--json", options->json, "one JSON object a line");
  listing->callback([options] { list(*options); });
  auto* again = command->add_subcommand("republish", "build client.state.v1 from the table again");
  again->add_flag("--json", options->json);
  again->callback([options] { republish(*options); });
}

}  // namespace carillon::cli
