// carillon billing events|show EVENT|replay FILE|EVENT: Stripe's events as an operator sees them.
#include <rapidjson/document.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"
#include "http/url.hpp"
#include "security/digest.hpp"
#include "security/webhooks/stripe_signature.hpp"
#include "time/clock.hpp"

namespace carillon::cli {
namespace {

constexpr const char* secret_help =
    "it is the signing secret of the webhook, the same that the platform has; after ./dev up: set -a; . "
    ".carillon/dev.env; set +a";
constexpr std::size_t file_bytes_max = 1024 * 1024;  // the server takes no more

struct EventsOptions {
  std::string status, client, id, what;
  int limit = 50;
  bool json = false;
  std::string as_client;
  bool fresh = false;
};

void list_events(const EventsOptions& options) {
  Api api;
  std::string path = "/api/admin/billing/events?limit=" + std::to_string(options.limit);
  if (!options.status.empty()) path += "&status=" + http::percent_encoded(options.status);
  if (!options.client.empty()) path += "&client_id=" + http::percent_encoded(options.client);
  const auto answer = api.get(path);
  std::vector<std::vector<std::string>> rows;
  for (const auto& event : answer["items"].GetArray()) {
    if (options.json) std::cout << to_line(event) << '\n';
    std::vector<std::string> row;
    for (const char* name : {"received_at", "event_id", "type", "status", "attempts", "client_id", "reason"})
      row.push_back(for_terminal(text_of(event, name)));
    rows.push_back(std::move(row));
  }
  if (options.json) return;
  if (rows.empty()) {
    std::cout << "no such Stripe event\n";
    return;
  }
  std::cout << table({"RECEIVED", "EVENT", "TYPE", "STATUS", "FAILED", "CLIENT", "REASON"}, rows);
}

void show_event(const EventsOptions& options) {
  Api api;
  const auto event = api.get("/api/admin/billing/events/" + http::percent_encoded(options.id));
  if (options.json) {
    std::cout << to_line(event) << '\n';
    return;
  }
  for (const char* name : {"event_id", "type", "status", "reason", "attempts", "created_at", "received_at",
                           "decided_at", "client_id", "customer_id", "subscription_id", "payload"}) {
    const std::string label = name;
    std::cout << label << std::string(17 - label.size(), ' ') << for_terminal(text_of(event, name)) << '\n';
  }
}

void replay_stored(const EventsOptions& options) {
  Api api;
  const auto answer = api.post("/api/admin/billing/events/" + http::percent_encoded(options.what) + "/replay", "{}");
  if (options.json) {
    std::cout << to_line(answer) << '\n';
  } else {
    std::cout << options.what << " is handled again; carillon billing show " << options.what
              << " tells what came of it\n";
  }
}

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.good() && !file.eof()) throw CommandFailed{WRONG_USAGE, path + " can't be read"};
  if (text.size() > file_bytes_max) throw CommandFailed{WRONG_USAGE, path + " holds more than 1 MiB"};
  return text;
}

rapidjson::Value text_value(const std::string& text, rapidjson::Document& in) {
  return {text.data(), static_cast<rapidjson::SizeType>(text.size()), in.GetAllocator()};
}

void set_text(rapidjson::Value& object, const char* name, const std::string& text, rapidjson::Document& in) {
  if (object.HasMember(name)) {
    object[name] = text_value(text, in);
  } else {
    object.AddMember(rapidjson::Value(name, in.GetAllocator()), text_value(text, in), in.GetAllocator());
  }
}

// Wherever the event says whose it is: client_reference_id, and client_id in the metadata of the object and its parts.
// The reader's bounds keep the depth small.
void rename_client(rapidjson::Value& value, const std::string& client, rapidjson::Document& in) {
  if (value.IsArray())
    for (auto& each : value.GetArray()) rename_client(each, client, in);
  if (!value.IsObject()) return;
  for (const char* name : {"client_reference_id", "client_id"})
    if (value.HasMember(name)) set_text(value, name, client, in);
  for (auto& member : value.GetObject()) rename_client(member.value, client, in);
}

void set_client(rapidjson::Document& event, const std::string& client) {
  rapidjson::Value& object = event["data"]["object"];
  rename_client(object, client, event);
  if (!object.HasMember("metadata") || !object["metadata"].IsObject()) {
    object.RemoveMember("metadata");
    object.AddMember("metadata", rapidjson::Value(rapidjson::kObjectType), event.GetAllocator());
  }
  set_text(object["metadata"], "client_id", client, event);
}

std::string event_to_send(const EventsOptions& options, const Clock& clock) {
  rapidjson::Document event;
  const std::string text = contents_of(options.what);
  event.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  const bool is_event = !event.HasParseError() && event.IsObject() && event.HasMember("id") &&
                        event.HasMember("data") && event["data"].IsObject() && event["data"].HasMember("object") &&
                        event["data"]["object"].IsObject();
  if (!is_event) throw CommandFailed{WRONG_USAGE, options.what + " holds no Stripe event"};
  if (options.as_client.empty() && !options.fresh) return text;
  if (!options.as_client.empty()) set_client(event, options.as_client);
  if (options.fresh) {
    set_text(event, "id", "evt_" + security::hex(security::random_bytes(12)), event);
    event.RemoveMember("created");
    event.AddMember("created", rapidjson::Value(security::webhooks::unix_seconds(clock.now())), event.GetAllocator());
  }
  return to_line(event);
}

void send_file(const EventsOptions& options) {
  const SystemClock clock;
  const std::string url = required_environment("CARILLON_URL", "after ./dev up: set -a; . .carillon/dev.env; set +a");
  std::string secret = required_environment("STRIPE_WEBHOOK_SECRET", secret_help);
  secret.resize(std::min(secret.find(','), secret.size()));
  const std::vector<std::string> secrets{secret};
  http::Call call;
  call.url = url + "/api/webhooks/stripe";
  call.body = event_to_send(options, clock);
  call.headers = {{"Content-Type", "application/json"},
                  {"Stripe-Signature", security::webhooks::sign_stripe(call.body, secrets, clock.now())}};
  http::Runtime runtime;
  http::Client client(runtime);
  const auto answer = client.call_and_wait(std::move(call));
  if (answer.status == 0)
    throw CommandFailed{NOT_REACHABLE, url + " can't be reached (" + http::to_string(answer.error) + ")"};
  if (answer.status / 100 != 2)
    throw CommandFailed{REFUSED, "HTTP " + std::to_string(answer.status) + ": " + for_terminal(answer.body)};
  std::cout << (options.json ? answer.body : options.what + " was taken; carillon billing events shows what came of it")
            << '\n';
}

void replay(const EventsOptions& options) {
  std::error_code none;
  if (std::filesystem::is_regular_file(options.what, none)) return send_file(options);
  if (!options.what.starts_with("evt_"))
    throw CommandFailed{WRONG_USAGE, options.what + " is neither a file nor an event's id (evt_...)"};
  replay_stored(options);
}

}  // namespace

void add_billing(CLI::App& app) {
  auto options = std::make_shared<EventsOptions>();
  auto* billing =
      app.add_subcommand("billing", "Stripe's events: carillon billing events --status DEAD")->require_subcommand(1);
  auto* list = billing->add_subcommand("events", "what Stripe has sent, the newest first");
  list->add_option("--status", options->status, "PENDING, APPLIED, STALE, IGNORED, REFUSED or DEAD")
      ->check(CLI::IsMember({"PENDING", "APPLIED", "STALE", "IGNORED", "REFUSED", "DEAD"}));
  list->add_option("--client", options->client, "of this client only");
  list->add_option("--limit", options->limit, "at most so many; default 50")->check(CLI::Range(1, 200));
  list->add_flag("--json", options->json, "one JSON object a line");
  list->callback([options] { list_events(*options); });

  auto* show = billing->add_subcommand("show", "one event with what Stripe sent; it is noted who looked");
  show->add_option("event", options->id, "evt_...")->required();
  show->add_flag("--json", options->json, "one JSON object");
  show->callback([options] { show_event(*options); });

  auto* again =
      billing->add_subcommand("replay",
                              "handle a stored event again, or send a file as Stripe would: carillon billing replay "
                              "docs/samples/stripe/invoice_paid.json");
  again->add_option("what", options->what, "evt_... or a file with an event")->required();
  again->add_option("--client", options->as_client, "of a file: whose event it is, instead of what the file says");
  again->add_flag("--fresh", options->fresh, "of a file: with a new id and the time of now");
  again->add_flag("--json", options->json, "the answer as JSON");
  again->callback([options] { replay(*options); });
}

}  // namespace carillon::cli
