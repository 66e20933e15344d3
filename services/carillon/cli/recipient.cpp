// carillon recipient erase ADDRESS: forgets a recipient in every service, and shows what each has done.
#include <fmt/format.h>

#include <iostream>
#include <set>
#include <thread>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

namespace carillon::cli {
namespace {

constexpr std::chrono::milliseconds look_pause{500};
constexpr std::chrono::minutes erasure_limit{10};
constexpr int audit_entries_max = 50;
const std::set<std::string> services_that_erase{"carillon/health-aggregator", "carillon/orchestrator", "carillon/otp"};

struct EraseOptions {
  std::string recipient, channel, reason;
  bool json = false;
};

std::string order_body(const EraseOptions& options) {
  std::string body = "{\"recipient\":" + http::json_string(options.recipient);
  if (!options.channel.empty()) body += ",\"channel\":" + http::json_string(options.channel);
  if (!options.reason.empty()) body += ",\"reason\":" + http::json_string(options.reason);
  return body + "}";
}

void print_done(const rapidjson::Value& entry, bool json) {
  if (json) {
    std::cout << to_line(entry) << std::endl;
    return;
  }
  std::string facts;
  for (const auto& detail : entry["details"].GetObject())
    if (std::string_view name = detail.name.GetString(); name != "erasure_id")
      facts += fmt::format("{}{} {}", facts.empty() ? "" : ", ", name, detail.value.GetString());
  std::cout << fmt::format("{}: {}", for_terminal(text_of(entry, "actor")), for_terminal(facts)) << std::endl;
}

// Each service's audit entry is what tells that it is done.
void watch(Api& api, const rapidjson::Value& erasure, bool json) {
  const std::string query =
      "/api/admin/audit-logs?" + http::form_encoded({{"action", "RECIPIENT_ERASED"},
                                                     {"subject_id", text_of(erasure, "recipient_hash")},
                                                     {"from", text_of(erasure, "requested_at")},
                                                     {"limit", std::to_string(audit_entries_max)}});
  std::set<std::string> missing = services_that_erase;
  for (const auto until = std::chrono::steady_clock::now() + erasure_limit; !missing.empty();) {
    const auto page = api.get(query);
    for (const auto& entry : page["items"].GetArray())
      if (missing.erase(text_of(entry, "actor")) > 0) print_done(entry, json);
    if (missing.empty()) return;
    if (std::chrono::steady_clock::now() > until)
      throw CommandFailed{REFUSED, fmt::format("{} has not answered yet; it goes on: `carillon recipient erase` again "
                                               "shows whether it has, and see its log",
                                               *missing.begin())};
    std::this_thread::sleep_for(look_pause);
  }
}

// A client's own contact is the client's, and stays until that is changed.
void tell_clients(Api& api, const EraseOptions& options, const std::string& channel) {
  if (channel != "EMAIL") return;
  const auto page = api.get("/api/admin/clients?" + http::form_encoded({{"email", options.recipient}}));
  for (const auto& client : page["items"].GetArray())
    std::cerr << fmt::format(
        "carillon: kept as the contact of client {}; `carillon client put` changes it, `carillon "
        "client remove` removes it\n",
        for_terminal(text_of(client, "client_id")));
}

void erase(const EraseOptions& options) {
  Api api;
  const auto erasure = api.post("/api/admin/recipients/erase", order_body(options));
  if (!options.json)
    std::cout << fmt::format("erasing {} ({})", text_of(erasure, "recipient_hash"), text_of(erasure, "channel"))
              << std::endl;
  watch(api, erasure, options.json);
  tell_clients(api, options, text_of(erasure, "channel"));
}

}  // namespace

void add_recipient(CLI::App& app) {
  auto options = std::make_shared<EraseOptions>();
  auto* command =
      app.add_subcommand("recipient", "Whom messages went to: carillon recipient erase")->require_subcommand(1);
  auto* erasing = command->add_subcommand("erase", "forget a recipient everywhere; what remains is said");
  erasing->add_option("recipient", options->recipient, "e-mail address, number or webhook URL")->required();
  erasing->add_option("--channel", options->channel, "EMAIL, SMS or SLACK, to be sure");
  erasing->add_option("--reason", options->reason, "a word for the audit log; REQUESTED unless given");
  erasing->add_flag("--json", options->json, "one JSON object a line");
  erasing->callback([options] { erase(*options); });
}

}  // namespace carillon::cli
