// carillon pool seed|add|stats|waiting|recent: the numbers that clients are given.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"

namespace carillon::cli {
namespace {

constexpr const char* pool_path = "/api/admin/number-pool";
constexpr std::size_t numbers_a_call_max = 1'000;
constexpr int list_rows_max = 500;

struct PoolOptions {
  std::vector<std::string> numbers;
  int limit = 50;
  bool json = false;
};

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    std::string part = text.substr(at, comma - at);
    if (part.find_first_not_of(" \t\r\n") != std::string::npos) parts.push_back(std::move(part));
    at = comma + 1;
  }
  return parts;
}

void print_stats(Api& api, bool json) {
  const auto stats = api.get(std::string(pool_path) + "/stats");
  if (json) {
    std::cout << to_line(stats) << '\n';
    return;
  }
  const auto health = api.get(std::string(pool_path) + "/health");
  const auto& by_status = stats["byStatus"];
  std::cout << table({"AVAILABLE", "RESERVED", "ASSIGNED", "TOTAL", "CLIENTS WAITING"},
                     {{text_of(by_status, "AVAILABLE"), text_of(by_status, "RESERVED"), text_of(by_status, "ASSIGNED"),
                       text_of(stats, "total"), text_of(stats, "waiting")}});
  if (text_of(health, "healthy") != "true")
    std::cout << fmt::format("low: {} available, {} wanted at least; carillon pool add NUMBER\n",
                             text_of(health, "availableCount"), text_of(health, "warningThreshold"));
}

// Adds all of them, however many calls it takes. Numbers that are none end in REFUSED, after the others were added.
void add_numbers(const std::vector<std::string>& numbers, bool json) {
  Api api;
  std::int64_t added = 0, known = 0, repeated = 0;
  std::vector<std::string> refused;
  for (std::size_t begin = 0; begin < numbers.size(); begin += numbers_a_call_max) {
    const std::size_t end = std::min(numbers.size(), begin + numbers_a_call_max);
    std::string body = "{\"numbers\":[";
    for (std::size_t i = begin; i < end; ++i) body += (i == begin ? "" : ",") + http::json_string(numbers[i]);
    const auto answer = api.post(std::string(pool_path) + "/numbers", body + "]}");
    added += answer["added"].GetInt64();
    known += answer["known"].GetInt64();
    repeated += answer["repeated"].GetInt64();
    for (const auto& each : answer["refused"].GetArray())
      refused.push_back(fmt::format("number {}: {}", begin + static_cast<std::size_t>(each["position"].GetInt64()),
                                    for_terminal(text_of(each, "detail"))));
  }
  if (json)
    std::cout << fmt::format("{{\"added\":{},\"known\":{},\"repeated\":{},\"refused\":{}}}\n", added, known, repeated,
                             refused.size());
  else
    std::cout << fmt::format("{} added, {} known already, {} given twice, {} refused\n", added, known, repeated,
                             refused.size());
  print_stats(api, json);
  if (refused.empty()) return;
  std::string message = "not in E.164, like +441632960001:";
  for (const std::string& each : refused) message += "\n  " + each;
  throw CommandFailed{REFUSED, message};
}

void seed(const PoolOptions& options) {
  const auto numbers = split_at_commas(required_environment(
      "TWILIO_POOL_NUMBERS", "numbers in E.164, separated by commas: +441632960001,+441632960002"));
  if (numbers.empty()) throw CommandFailed{WRONG_USAGE, "TWILIO_POOL_NUMBERS holds no number"};
  add_numbers(numbers, options.json);
}

void list(const PoolOptions& options, const char* what, const std::vector<std::string>& head,
          const std::vector<const char*>& members, const char* nothing) {
  Api api;
  const auto answer = api.get(fmt::format("{}/{}?limit={}", pool_path, what, options.limit));
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : answer["items"].GetArray()) {
    if (options.json) std::cout << to_line(item) << '\n';
    std::vector<std::string> row;
    for (const char* member : members) row.push_back(for_terminal(text_of(item, member)));
    rows.push_back(std::move(row));
  }
  if (options.json) return;
  std::cout << (rows.empty() ? std::string(nothing) + "\n" : table(head, rows));
}

}  // namespace

void add_pool(CLI::App& app) {
  auto options = std::make_shared<PoolOptions>();
  auto* command = app.add_subcommand("pool", "Phone numbers for clients: carillon pool stats")->require_subcommand(1);
  const auto json = [&options](CLI::App* to) { to->add_flag("--json", options->json, "one JSON object a line"); };
  auto* seeding = command->add_subcommand("seed", "add the numbers of TWILIO_POOL_NUMBERS; known ones are skipped");
  json(seeding);
  seeding->callback([options] { seed(*options); });
  auto* adding = command->add_subcommand("add", "add numbers; known ones are skipped");
  adding->add_option("numbers", options->numbers, "in E.164, like +441632960001")->required();
  json(adding);
  adding->callback([options] { add_numbers(options->numbers, options->json); });
  auto* stats = command->add_subcommand("stats", "how many numbers there are, by status");
  json(stats);
  stats->callback([options] {
    Api api;
    print_stats(api, options->json);
  });
  auto* waiting = command->add_subcommand("waiting", "clients that wait for a number, the longest first");
  waiting->add_option("--limit", options->limit, "at most so many")->check(CLI::Range(1, list_rows_max));
  json(waiting);
  waiting->callback([options] {
    list(*options, "waiting", {"SINCE", "CLIENT", "BUSINESS", "OWNER", "STATE"},
         {"since", "client_id", "business_name", "owner_phone", "onboarding_state"}, "nobody waits for a number");
  });
  auto* recent = command->add_subcommand("recent", "numbers of clients, given last first");
  recent->add_option("--limit", options->limit, "at most so many")->check(CLI::Range(1, list_rows_max));
  json(recent);
  recent->callback([options] {
    list(*options, "recent", {"SINCE", "NUMBER", "CLIENT", "BUSINESS"},
         {"assigned_at", "phone_e164", "client_id", "business_name"}, "no number is a client's");
  });
}

}  // namespace carillon::cli
