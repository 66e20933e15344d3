// carillon ses status|verify-sender: the account at Amazon SES, asked by the platform with its own credentials.
#include <fmt/format.h>

#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"

namespace carillon::cli {
namespace {

struct SesOptions {
  std::string address;
  bool json = false;
};

std::string quota_text(const rapidjson::Value& account) {
  if (account["sends_per_day_max"].GetDouble() < 0) return "no daily limit";
  return fmt::format("{:.0f} of {:.0f} in the last 24 hours", account["sent_last_day"].GetDouble(),
                     account["sends_per_day_max"].GetDouble());
}

void show_status(const SesOptions& options) {
  Api api;
  const auto account = api.get("/api/admin/ses/account");
  if (options.json) {
    std::cout << to_line(account) << '\n';
    return;
  }
  const std::string enforcement = text_of(account, "enforcement");
  std::cout << fmt::format(
      "account   {}\nsending   {}{}\nsent      {}\nrate      {} a second\n",
      account["production"].GetBool() ? "production" : "sandbox: only verified addresses are written to",
      account["sending_enabled"].GetBool() ? "enabled" : "PAUSED",
      enforcement.empty() ? "" : ", " + for_terminal(enforcement), quota_text(account),
      account["sends_per_second_max"].GetDouble());
}

void verify_sender(const SesOptions& options) {
  Api api;
  const auto answer = api.post("/api/admin/ses/senders", "{\"address\":" + http::json_string(options.address) + "}");
  if (options.json) {
    std::cout << to_line(answer) << '\n';
  } else if (answer["verified"].GetBool()) {
    std::cout << "verified: SES sends from this address\n";
  } else {
    std::cout << "pending: SES has written to this address; open the link in that mail within 24 hours\n";
  }
}

}  // namespace

void add_ses(CLI::App& app) {
  auto options = std::make_shared<SesOptions>();
  auto* ses = app.add_subcommand("ses", "The account at Amazon SES: carillon ses status")->require_subcommand(1);
  auto* status = ses->add_subcommand("status", "sandbox or production, whether it sends, its quota");
  status->add_flag("--json", options->json, "one JSON object");
  status->callback([options] { show_status(*options); });
  auto* verify = ses->add_subcommand("verify-sender", "have SES verify an address that mails come from");
  verify->add_option("address", options->address, "e.g. hello@example.com")->required();
  verify->add_flag("--json", options->json, "one JSON object");
  verify->callback([options] { verify_sender(*options); });
}

}  // namespace carillon::cli
