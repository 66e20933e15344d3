// carillon cost show: what a month has cost. carillon cost compare: the ways to send a volume, from the price file
// alone.
#include <cstdlib>
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"
#include "provider-dispatcher/adapters/price_file.hpp"
#include "provider-dispatcher/core/cost_compare.hpp"
#include "provider-dispatcher/core/spend.hpp"

namespace carillon::cli {
namespace {

using dispatcher::Way;

struct CostOptions {
  std::string month;
  std::int64_t sms = 0, email = 0;
  bool json = false;
};

std::string or_dash(std::string text) {
  return text.empty() ? "-" : text;
}

std::vector<std::string> provider_row(const rapidjson::Value& provider) {
  return {for_terminal(text_of(provider, "provider")),
          "",
          text_of(provider, "messages"),
          text_of(provider, "units"),
          text_of(provider, "free_units_used"),
          text_of(provider, "uncovered_units"),
          text_of(provider, "spent_usd"),
          or_dash(text_of(provider, "limit_usd")),
          or_dash(text_of(provider, "forecast_usd"))};
}

std::vector<std::string> template_row(const rapidjson::Value& entry) {
  return {"",
          for_terminal(text_of(entry, "template_key")),
          text_of(entry, "messages"),
          text_of(entry, "units"),
          "",
          text_of(entry, "uncovered_units"),
          text_of(entry, "spent_usd"),
          "",
          or_dash(text_of(entry, "forecast_usd"))};
}

void show_costs(const CostOptions& options) {
  if (!options.month.empty() && !dispatcher::parse_month(options.month))
    throw CommandFailed{WRONG_USAGE, "--month takes a month such as 2026-11"};
  Api api;
  const auto report = api.get("/api/admin/costs" + (options.month.empty() ? "" : "?month=" + options.month));
  if (options.json) {
    std::cout << to_line(report) << '\n';
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& provider : report["providers"].GetArray()) {
    rows.push_back(provider_row(provider));
    for (const auto& entry : provider["templates"].GetArray()) rows.push_back(template_row(entry));
  }
  std::cout << "month     " << text_of(report, "month") << "\nspent     " << text_of(report, "spent_usd")
            << " USD\nforecast  " << or_dash(text_of(report, "forecast_usd")) << " USD\n\n"
            << table({"PROVIDER", "TEMPLATE", "MESSAGES", "UNITS", "FREE", "UNCOVERED", "SPENT", "LIMIT", "FORECAST"},
                     rows);
}

std::string way_json(const Way& way, events::Channel channel) {
  std::string out = "{\"channel\":" + http::json_string(events::enum_name(channel)) + ",\"providers\":[";
  bool first = true;
  for (const dispatcher::Share& share : way.shares) {
    if (!first) out += ',';
    first = false;
    out += "{\"provider\":" + http::json_string(share.provider) + ",\"free_units\":" + std::to_string(share.free) +
           ",\"paid_units\":" + std::to_string(share.paid) + "}";
  }
  return out + "],\"units\":" + std::to_string(way.units) + ",\"free_units\":" + std::to_string(way.free) +
         ",\"paid_units\":" + std::to_string(way.paid) + ",\"uncovered_units\":" + std::to_string(way.uncovered) +
         ",\"cost_usd\":" + http::json_string(to_text(way.amount)) + "}";
}

dispatcher::PriceList price_list() {
  const char* path = std::getenv(dispatcher::price_file_setting);
  auto prices = dispatcher::load_price_file(path == nullptr ? "" : path);
  if (!prices)
    throw CommandFailed{WRONG_USAGE,
                        std::string(dispatcher::price_file_setting) + ": " + for_terminal(prices.error().detail)};
  return std::move(prices).value();
}

void compare(const CostOptions& options) {
  if (options.sms == 0 && options.email == 0)
    throw CommandFailed{WRONG_USAGE, "nothing to compare; give --sms SEGMENTS or --email MAILS, of one month"};
  const auto prices = price_list();
  std::vector<std::vector<std::string>> rows;
  bool uncovered = false;
  for (const auto& [channel, units] :
       {std::pair{events::Channel::SMS, options.sms}, {events::Channel::EMAIL, options.email}}) {
    if (units == 0) continue;
    for (const Way& way : ways_to_send(prices, channel, units)) {
      if (options.json) std::cout << way_json(way, channel) << '\n';
      uncovered = uncovered || way.uncovered > 0;
      rows.push_back({events::enum_name(channel), way.name(), std::to_string(way.units), std::to_string(way.free),
                      std::to_string(way.paid), std::to_string(way.uncovered),
                      to_text(way.amount) + (way.uncovered > 0 ? " + ?" : "")});
    }
  }
  if (options.json) return;
  std::cout << table({"CHANNEL", "WAY", "UNITS", "FREE", "PAID", "UNCOVERED", "COST USD"}, rows);
  if (uncovered) std::cout << "\nUNCOVERED: no free tier is left and no price is known, so the cost is without them.\n";
}

}  // namespace

void add_cost(CLI::App& app) {
  auto options = std::make_shared<CostOptions>();
  auto* cost =
      app.add_subcommand("cost", "What sending costs: carillon cost compare --sms 20000")->require_subcommand(1);
  auto* shown = cost->add_subcommand("show", "a month's spend and forecast, by provider and template");
  shown->add_option("--month", options->month, "e.g. 2026-11; the current one when not given (UTC)");
  shown->add_flag("--json", options->json, "one JSON object");
  shown->callback([options] { show_costs(*options); });
  auto* compared = cost->add_subcommand("compare", "every way to send a month's volume, the best first");
  const CLI::Range volume(std::int64_t{0}, dispatcher::free_units_max);
  compared->add_option("--sms", options->sms, "SMS segments of one month")->check(volume);
  compared->add_option("--email", options->email, "e-mails of one month")->check(volume);
  compared->add_flag("--json", options->json, "one JSON object a line");
  compared->callback([options] { compare(*options); });
}

}  // namespace carillon::cli
