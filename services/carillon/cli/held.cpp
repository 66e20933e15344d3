// carillon message held; carillon message resolve ID --as sent|failed|resend
#include <algorithm>
#include <cctype>
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

namespace carillon::cli {
namespace {

struct HeldOptions {
  int limit = 100;
  bool json = false;
};

struct ResolveOptions {
  std::string id, as, note;
  bool json = false;
};

std::vector<std::string> held_row(const rapidjson::Value& message) {
  std::vector<std::string> row;
  for (const char* name :
       {"held_since", "message_id", "template_key", "channel", "recipient", "provider", "attempts", "client_id"})
    row.push_back(for_terminal(text_of(message, name)));
  return row;
}

void list_held(const HeldOptions& options) {
  Api api;
  const auto list = api.get("/api/admin/messages/held?limit=" + std::to_string(options.limit));
  const auto items = list.FindMember("items");
  if (items == list.MemberEnd() || !items->value.IsArray())
    throw CommandFailed{REFUSED, "the answer holds no list of messages"};
  std::vector<std::vector<std::string>> rows;
  for (const auto& message : items->value.GetArray()) {
    if (options.json) std::cout << to_line(message) << '\n';
    rows.push_back(held_row(message));
  }
  if (options.json) return;
  const std::string total = text_of(list, "total");
  if (rows.empty()) {
    std::cout << "no message is held\n";
    return;
  }
  std::cout << table({"HELD SINCE", "MESSAGE", "TEMPLATE", "CHANNEL", "TO", "PROVIDER", "CALLS", "CLIENT"}, rows);
  if (total != std::to_string(rows.size())) std::cout << rows.size() << " of " << total << ", the oldest\n";
}

void resolve(const ResolveOptions& options) {
  Api api;
  std::string as = options.as;
  std::transform(as.begin(), as.end(), as.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string body = "{\"as\":" + http::json_string(as);
  if (!options.note.empty()) body += ",\"note\":" + http::json_string(options.note);
  const auto answer = api.post("/api/admin/messages/" + http::percent_encoded(options.id) + "/resolve", body + "}");
  if (options.json) {
    std::cout << to_line(answer) << '\n';
  } else if (as == "RESEND") {
    std::cout << options.id << " is sent again; carillon message watch " << options.id << " follows it\n";
  } else {
    std::cout << options.id << " is " << as << " now\n";
  }
}

}  // namespace

void add_held(CLI::App& message) {
  auto held = std::make_shared<HeldOptions>();
  auto* list = message.add_subcommand("held", "messages of which nobody knows whether they went out, the oldest first");
  list->add_option("--limit", held->limit, "at most so many; default 100")->check(CLI::Range(1, 500));
  list->add_flag("--json", held->json, "one JSON object a line");
  list->callback([held] { list_held(*held); });

  auto options = std::make_shared<ResolveOptions>();
  auto* decide = message.add_subcommand("resolve", "decide about a held message");
  decide->add_option("id", options->id, "message id")->required();
  decide
      ->add_option("--as", options->as,
                   "sent: it went out; failed: it did not; resend: send it again, unless it has expired")
      ->required()
      ->check(CLI::IsMember({"sent", "failed", "resend"}));
  decide->add_option("--note", options->note, "why, for the log");
  decide->add_flag("--json", options->json, "one JSON object");
  decide->callback([options] { resolve(*options); });
}

}  // namespace carillon::cli
