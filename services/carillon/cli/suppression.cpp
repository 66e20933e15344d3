// carillon suppression list|add|remove: who must not be written to.
#include <fmt/format.h>

#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

namespace carillon::cli {
namespace {

constexpr const char* suppressions_path = "/api/admin/suppressions";
constexpr int suppressions_max = 100'000;
constexpr std::size_t hash_chars_shown = 12;

struct SuppressionOptions {
  std::string channel, recipient, reason, category;
  int limit = 50;
  bool json = false;
};

std::string what_it_blocks(const rapidjson::Value& entry) {
  const std::string category = text_of(entry, "category");
  if (category.empty()) return "everything";
  return category == "*" ? "unsubscribed: all" : "unsubscribed: " + category;
}

std::vector<std::string> suppression_row(const rapidjson::Value& entry) {
  return {text_of(entry, "channel"),
          text_of(entry, "recipient_hash").substr(0, hash_chars_shown),
          for_terminal(what_it_blocks(entry)),
          for_terminal(text_of(entry, "reason")),
          for_terminal(text_of(entry, "source")),
          text_of(entry, "created_at").substr(0, 19),
          for_terminal(text_of(entry, "message_id"))};
}

void list_suppressions(const SuppressionOptions& options) {
  http::Fields query;
  for (const auto& [name, value] :
       {std::pair{"channel", &options.channel}, {"recipient", &options.recipient}, {"reason", &options.reason}})
    if (!value->empty()) query.emplace_back(name, *value);
  Api api;
  std::vector<std::vector<std::string>> rows;
  const bool more = api.get_entries(suppressions_path, query, options.limit, [&](const rapidjson::Value& entry) {
    if (options.json) std::cout << to_line(entry) << '\n';
    rows.push_back(suppression_row(entry));
  });
  if (!options.json && rows.empty()) std::cout << "nobody is suppressed\n";
  if (!options.json && !rows.empty())
    std::cout << table({"CHANNEL", "RECIPIENT", "BLOCKS", "REASON", "SOURCE", "SINCE", "MESSAGE"}, rows);
  if (more) std::cerr << "carillon: there are more; --limit shows them\n";
}

void add(const SuppressionOptions& options) {
  std::string body = fmt::format("{{\"channel\":{},\"recipient\":{}", http::json_string(options.channel),
                                 http::json_string(options.recipient));
  if (!options.reason.empty()) body += ",\"reason\":" + http::json_string(options.reason);
  Api api;
  const auto entry = api.post(suppressions_path, body + "}");
  if (options.json)
    std::cout << to_line(entry) << '\n';
  else
    std::cout << fmt::format("suppressed on {} since {}: {}\n", text_of(entry, "channel"),
                             text_of(entry, "created_at").substr(0, 19), text_of(entry, "recipient_hash"));
}

void remove_suppression(const SuppressionOptions& options) {
  std::string target = fmt::format("{}/{}/{}", suppressions_path, http::percent_encoded(options.channel),
                                   http::percent_encoded(options.recipient));
  if (!options.category.empty()) target += "?" + http::form_encoded({{"category", options.category}});
  Api api;
  const auto answer = api.remove(target);
  if (options.json)
    std::cout << to_line(answer) << '\n';
  else if (text_of(answer, "removed") == "0")
    std::cout << "there was no such entry\n";
  else
    std::cout << "lifted: the next message may reach this recipient\n";
}

}  // namespace

void add_suppression(CLI::App& app) {
  auto options = std::make_shared<SuppressionOptions>();
  auto* command =
      app.add_subcommand("suppression", "Who must not be written to: carillon suppression list")->require_subcommand(1);
  const auto json = [&options](CLI::App* to) { to->add_flag("--json", options->json, "one JSON object a line"); };
  const auto whom = [&options](CLI::App* to, const char* recipient) {
    to->add_option("channel", options->channel, "EMAIL, SMS or SLACK")->required();
    to->add_option("recipient", options->recipient, recipient)->required();
  };
  auto* listing = command->add_subcommand("list", "entries, newest first; recipients appear as hashes");
  listing->add_option("--channel", options->channel, "only this channel's");
  listing->add_option("--recipient", options->recipient, "only this address, number or recipient_hash");
  listing->add_option("--reason", options->reason, "only this reason, e.g. HARD_BOUNCE");
  listing->add_option("--limit", options->limit, "at most so many")->check(CLI::Range(1, suppressions_max));
  json(listing);
  listing->callback([options] { list_suppressions(*options); });
  auto* adding = command->add_subcommand("add", "write no more to this recipient on this channel");
  whom(adding, "address, number, webhook URL or recipient_hash");
  adding->add_option("--reason", options->reason, "a word; MANUAL unless given");
  json(adding);
  adding->callback([options] { add(*options); });
  auto* removing = command->add_subcommand("remove", "lift it");
  whom(removing, "address, number or recipient_hash; of SLACK the recipient_hash");
  removing->add_option("--category", options->category, "what they unsubscribed from instead, * = all");
  json(removing);
  removing->callback([options] { remove_suppression(*options); });
}

}  // namespace carillon::cli
