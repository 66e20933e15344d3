// carillon client put|show: facts about a client, published on client.state.v1.
#include <iostream>
#include <mutex>
#include <thread>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "service/log.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::cli {
namespace {

constexpr std::chrono::seconds read_limit{30};

struct ClientOptions {
  events::ClientState state;
  events::Contacts contacts;
  std::vector<std::string> features;
  bool json = false;
};

std::optional<events::ClientState> latest_state(bus::Bus& bus, const std::string& client_id) {
  std::optional<events::ClientState> latest;
  std::mutex mutex;
  auto reader = bus.broadcast(bus::topics::client_state, [&](const bus::Received& received) {
    if (received.record.key != client_id) return;
    auto state = events::from_json<events::ClientState>(received.record.value);
    const std::lock_guard lock(mutex);
    if (state && (!latest || state->version >= latest->version)) latest = std::move(state).value();
  });
  reader->start();
  const auto end = std::chrono::steady_clock::now() + read_limit;
  while (!reader->caught_up() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  const bool complete = reader->caught_up();
  reader->stop();
  if (!complete) throw CommandFailed{NOT_REACHABLE, "client.state.v1 could not be read within 30 s"};
  return latest;
}

void check_contacts(const events::Contacts& contacts) {
  for (const auto* email : {&contacts.email, &contacts.billing_email})
    if (!email->empty() && !parse_email(*email))
      throw CommandFailed{WRONG_USAGE, "'" + for_terminal(*email) + "' is not an e-mail address"};
  if (!contacts.phone.empty() && !parse_e164(contacts.phone))
    throw CommandFailed{WRONG_USAGE,
                        "'" + for_terminal(contacts.phone) + "' is not an E.164 number such as +447700900123"};
  if (!contacts.slack_webhook.empty() && !parse_webhook_url(contacts.slack_webhook))
    throw CommandFailed{WRONG_USAGE, "--slack-webhook is not a URL such as https://hooks.slack.com/services/T…/B…/…"};
}

// The webhook's URL is a secret: terminals and their logs get the masked form.
std::string shown_json(events::ClientState state) {
  if (state.contacts && !state.contacts->slack_webhook.empty())
    state.contacts->slack_webhook = masked(state.contacts->slack_webhook);
  return events::to_json(state);
}

void put(ClientOptions& options) {
  check_contacts(options.contacts);
  OwnerBus bus;
  auto& state = options.state;
  const auto before = latest_state(*bus, state.client_id);
  state.version = before ? before->version + 1 : 1;
  state.contacts = options.contacts;
  for (const auto& feature : options.features) state.entitlements.push_back({feature, true, {}});
  const auto now = SystemClock{}.now();
  pg::Connection connection(owner_connection());
  pg::Transaction tx(connection);
  bus::Outbox out;
  out.publish(bus::topics::client_state,
              {state.client_id, events::binary_headers("carillon.client-state.v1", "carillon/cli", new_uuid(now), now),
               events::to_json(state)});
  bus->flush(out, tx);
  tx.commit();
  bus->wake(out);
  std::cout << (options.json ? shown_json(state)
                             : "client " + state.client_id + " is at version " + std::to_string(state.version))
            << '\n';
}

void show(const ClientOptions& options) {
  OwnerBus bus;
  const auto state = latest_state(*bus, options.state.client_id);
  if (!state)
    throw CommandFailed{REFUSED,
                        "no client '" + for_terminal(options.state.client_id) + "'; carillon client put makes one"};
  if (options.json) {
    std::cout << shown_json(*state) << '\n';
    return;
  }
  std::cout << table(
      {"CLIENT", "VERSION", "ONBOARDING", "PLAN", "SUBSCRIPTION", "E-MAIL", "PHONE", "SLACK"},
      {{state->client_id, std::to_string(state->version), state->onboarding_status, state->plan,
        state->subscription_status, state->contacts ? state->contacts->email : "",
        state->contacts ? state->contacts->phone : "",
        state->contacts && !state->contacts->slack_webhook.empty() ? masked(state->contacts->slack_webhook) : ""}});
}

}  // namespace

void add_client(CLI::App& app) {
  auto options = std::make_shared<ClientOptions>();
  auto* command = app.add_subcommand("client", "Clients: carillon client put acme --plan PRO --email ann@acme.example")
                      ->require_subcommand(1);
  auto* set = command->add_subcommand("put", "publish a client's facts, replacing the former ones");
  auto& state = options->state;
  set->add_option("client_id", state.client_id)->required();
  set->add_option("--onboarding-status", state.onboarding_status, "PROVISIONED lets every template through")
      ->default_val("PROVISIONED");
  set->add_option("--plan", state.plan)->default_val("SOLO")->check(CLI::IsMember({"SOLO", "PORTFOLIO", "PRO"}));
  set->add_option("--subscription-status", state.subscription_status)->default_val("active");
  set->add_option("--email", options->contacts.email);
  set->add_option("--billing-email", options->contacts.billing_email);
  set->add_option("--phone", options->contacts.phone, "E.164");
  set->add_option("--slack-webhook", options->contacts.slack_webhook, "URL of an incoming webhook; a secret");
  set->add_option("--feature", options->features, "entitlement beyond the plan, repeatable");
  set->add_option("--business-name", state.business_name);
  set->add_option("--owner-name", state.owner_name);
  set->add_option("--locale", state.locale);
  set->add_option("--time-zone", state.time_zone);
  set->add_flag("--sms-enabled", state.sms_enabled);
  set->add_flag("--deleted", state.deleted);
  set->add_flag("--json", options->json);
  set->callback([options] { put(*options); });
  auto* get = command->add_subcommand("show", "the latest facts");
  get->add_option("client_id", state.client_id)->required();
  get->add_flag("--json", options->json);
  get->callback([options] { show(*options); });
}

}  // namespace carillon::cli
