// carillon provider check: how the providers are, and test messages through the whole platform.
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/message_view.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"
#include "values/recipient.hpp"

namespace carillon::cli {
namespace {

constexpr std::chrono::seconds outcome_limit{60};
constexpr const char* test_subject = "Test message from Carillon";
constexpr const char* test_body = "This is a test message. It shows that messages get through.";

struct CheckOptions {
  std::string email, phone;
  bool json = false;
};

// What is wrong, for the end of the output; the exit code follows from it.
using Troubles = std::vector<std::string>;

bool is_true(const rapidjson::Value& object, const char* name) {
  return text_of(object, name) == "true";
}

bool may_be_called(const rapidjson::Value& provider) {
  return is_true(provider, "configured") && !is_true(provider, "limit_reached") &&
         text_of(provider, "breaker") != "OPEN";
}

std::string state_of(const rapidjson::Value& channel, const rapidjson::Value& provider) {
  if (!is_true(channel, "enabled")) return "channel is off";
  if (!is_true(provider, "configured")) return "needs " + text_of(provider, "missing_settings");
  if (is_true(provider, "limit_reached")) return "spend limit reached";
  return text_of(provider, "breaker") == "CLOSED" ? "ok" : "in trouble";
}

std::vector<std::string> row_of(const rapidjson::Value& channel, const rapidjson::Value& provider) {
  std::vector<std::string> row{
      text_of(channel, "channel"),        text_of(provider, "provider"),     text_of(provider, "role"),
      state_of(channel, provider),        text_of(provider, "breaker"),      text_of(provider, "consecutive_failures"),
      text_of(provider, "calls"),         text_of(provider, "success_rate"), text_of(provider, "latency_ms_mean"),
      text_of(provider, "last_error_at"), text_of(provider, "last_error")};
  for (std::string& cell : row) cell = cell.empty() ? "-" : for_terminal(cell);
  return row;
}

void print_health(const rapidjson::Value& health) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& channel : health["channels"].GetArray()) {
    for (const auto& provider : channel["providers"].GetArray()) rows.push_back(row_of(channel, provider));
  }
  std::cout << table({"CHANNEL", "PROVIDER", "ROLE", "STATE", "BREAKER", "FAILURES", "CALLS 5 MIN", "SUCCESS",
                      "MEAN MS", "LAST ERROR AT", "LAST ERROR"},
                     rows);
}

void look_at_channels(const rapidjson::Value& health, Troubles& troubles) {
  for (const auto& channel : health["channels"].GetArray()) {
    if (!is_true(channel, "enabled")) continue;
    const auto providers = channel["providers"].GetArray();
    const bool usable = std::any_of(providers.begin(), providers.end(), may_be_called);
    if (!usable) troubles.push_back(text_of(channel, "channel") + " has no provider that may be called now");
  }
}

void send_test(Api& api, const CheckOptions& options, const std::string& template_key, const std::string& recipient,
               const std::string& variables, Troubles& troubles) {
  const auto accepted = api.post("/api/notifications", "{\"template_key\":" + http::json_string(template_key) +
                                                           ",\"recipient\":" + http::json_string(recipient) +
                                                           ",\"variables\":" + variables + "}");
  const auto message = wait_for_final(api, accepted["message_id"].GetString(), outcome_limit);
  std::cout << (options.json ? to_line(message) + "\n" : "\n" + message_text(message));
  const std::string status = text_of(message, "status");
  if (status == "SENT") return;
  const std::string reason = text_of(message, "reason");
  troubles.push_back("the test message to " + masked(recipient) + " is " + status +
                     (reason.empty() ? "" : " (" + reason + ")"));
}

void check(const CheckOptions& options) {
  if (!options.email.empty() && !parse_email(options.email))
    throw CommandFailed{WRONG_USAGE, "--email (TEST_EMAIL) takes an e-mail address"};
  if (!options.phone.empty() && !parse_e164(options.phone))
    throw CommandFailed{WRONG_USAGE, "--phone (TEST_PHONE) takes an E.164 number such as +447700900123"};
  Api api;
  Troubles troubles;
  const auto health = api.get("/health/messaging");
  if (options.json) {
    std::cout << to_line(health) << '\n';
  } else {
    print_health(health);
  }
  look_at_channels(health, troubles);
  const std::string body = "\"body\":" + http::json_string(test_body) + "}";
  if (!options.email.empty())
    send_test(api, options, "ADMIN_MANUAL", options.email,
              "{\"subject\":" + http::json_string(test_subject) + "," + body, troubles);
  if (!options.phone.empty()) send_test(api, options, "ADMIN_MANUAL_SMS", options.phone, "{" + body, troubles);
  if (troubles.empty()) return;
  std::string text;
  for (const std::string& trouble : troubles) text += (text.empty() ? "" : "; ") + for_terminal(trouble);
  throw CommandFailed{REFUSED, text};
}

}  // namespace

void add_provider(CLI::App& app) {
  auto options = std::make_shared<CheckOptions>();
  auto* provider = app.add_subcommand("provider", "Providers: carillon provider check --email ann@example.com")
                       ->require_subcommand(1);
  auto* checked = provider->add_subcommand(
      "check", "how the providers are, and, with an address, a test message through the platform");
  checked->add_option("--email", options->email, "send a test e-mail there and wait for its outcome, 60 s at most")
      ->envname("TEST_EMAIL");
  checked->add_option("--phone", options->phone, "the same with an SMS; E.164")->envname("TEST_PHONE");
  checked->add_flag("--json", options->json, "one JSON object a line: the health, then each test message");
  checked->callback([options] { check(*options); });
}

}  // namespace carillon::cli
