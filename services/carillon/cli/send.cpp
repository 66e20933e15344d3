// carillon send TEMPLATE_KEY: one send request over HTTP.
#include <iostream>
#include <map>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/message_view.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"

namespace carillon::cli {
namespace {

struct SendOptions {
  std::string template_key, to, client_id, key, priority, locale, send_at;
  std::vector<std::string> variables;
  bool wait = false, json = false;
};

std::string request_body(const SendOptions& options) {
  std::string body = "{\"template_key\":" + http::json_string(options.template_key);
  const std::pair<const char*, const std::string&> members[] = {{"recipient", options.to},
                                                                {"client_id", options.client_id},
                                                                {"priority", options.priority},
                                                                {"locale", options.locale},
                                                                {"send_at", options.send_at}};
  for (const auto& [name, value] : members)
    if (!value.empty()) body += ",\"" + std::string(name) + "\":" + http::json_string(value);
  body += ",\"variables\":{";
  bool first = true;
  for (const auto& variable : options.variables) {
    const auto equals = variable.find('=');
    if (equals == std::string::npos) throw CommandFailed{WRONG_USAGE, "--var takes NAME=VALUE, not '" + variable + "'"};
    if (!first) body += ',';
    first = false;
    body += http::json_string(variable.substr(0, equals)) + ":" + http::json_string(variable.substr(equals + 1));
  }
  return body + "}}";
}

void run_send(const SendOptions& options) {
  Api api;
  http::Fields headers;
  if (!options.key.empty()) headers.emplace_back("Idempotency-Key", options.key);
  const auto accepted = api.post("/api/notifications", request_body(options), headers);
  if (!options.wait) {
    if (options.json) {
      std::cout << to_line(accepted) << '\n';
      return;
    }
    for (const auto& id : accepted["message_ids"].GetArray()) std::cout << "accepted  " << id.GetString() << '\n';
    return;
  }
  for (const auto& id : accepted["message_ids"].GetArray()) {
    const auto message = wait_for_final(api, id.GetString(), std::chrono::seconds{30});
    std::cout << (options.json ? to_line(message) + "\n" : message_text(message));
  }
}

}  // namespace

void add_send(CLI::App& app) {
  auto options = std::make_shared<SendOptions>();
  auto* send = app.add_subcommand(
      "send", "Send a message: carillon send ADMIN_MANUAL --to ann@example.com --var subject=Hi --var body=Hello");
  send->add_option("template_key", options->template_key, "what is sent")->required();
  send->add_option("--to", options->to, "recipient, where the template allows one");
  send->add_option("--client", options->client_id, "client_id");
  send->add_option("--var", options->variables, "NAME=VALUE, repeatable");
  send->add_option("--key", options->key, "idempotency key: the same key is sent once");
  send->add_option("--priority", options->priority, "CRITICAL, NORMAL or BULK");
  send->add_option("--locale", options->locale, "e.g. de-AT");
  send->add_option("--at", options->send_at, "not before this, e.g. 2027-01-31T09:00:00Z; at most 90 days ahead");
  send->add_flag("--wait", options->wait, "wait up to 30 s for the outcome and show it");
  send->add_flag("--json", options->json, "one JSON object a line");
  send->callback([options] { run_send(*options); });
}

}  // namespace carillon::cli
