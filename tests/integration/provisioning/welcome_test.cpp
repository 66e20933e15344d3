// Provisioning together with the orchestrator that gates what it asks for: same bus, same database, time that runs.
#include <catch2/catch.hpp>

#include "attachments/attachments.hpp"
#include "events/cloud_events.hpp"
#include "integration/provisioning/world.hpp"
#include "orchestrator/service.hpp"
#include "provisioning/app/accounts.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using events::Status;

namespace {

orchestrator::OrchestratorSettings gating() {
  orchestrator::OrchestratorSettings settings;
  settings.email_per_minute_limit = 0;
  settings.sms_per_minute_limit = 0;
  return settings;
}

struct Pipeline : World {
  Pipeline() {
    clock.run();
    pg::migrate(owner, attachments::schema());
    pg::migrate(owner, orchestrator::schema());
    attachments::grant_keeper(owner, orchestrator::role);
    bus::grant_topics(owner, orchestrator::role, orchestrator::topics_written(), orchestrator::topics_read());
    know_a_provider();
    decides = orchestrator::make_orchestrator(gating(), platform(0));
    decides->start();
    REQUIRE(wait([&] {
      for (const auto& check : decides->ready_checks())
        if (check.missing()) return false;
      return true;
    }));
  }
  ~Pipeline() { decides->stop(); }

  void know_a_provider() {
    events::ProviderState state;
    state.provider = "postmark";
    state.channel = events::Channel::EMAIL;
    state.version = 1;
    state.channel_enabled = state.configured = true;
    pg::Transaction tx(owner);
    bus::Outbox out;
    out.publish(
        bus::topics::provider_state,
        {state.provider, events::binary_headers("carillon.provider-state.v1", "carillon/dispatcher", "1", clock.now()),
         events::to_json(state)});
    bus().commit(out, tx);
  }

  // What became of each welcome: its first status, by message.
  std::map<std::string, Status> welcomes() {
    std::map<std::string, Status> all;
    for (const auto& received : published(bus::topics::message_log)) {
      const auto event = events::from_json<events::MessageEvent>(received.record.value);
      REQUIRE(event);
      if (event->template_key == "WELCOME_EMAIL") all.emplace(event->message_id, event->status);
    }
    return all;
  }

  std::unique_ptr<service::Service> decides;
};

}  // namespace

TEST_CASE("welcome: asked for before PROVISIONED it is BLOCKED_PROVISIONING_INCOMPLETE") {
  Pipeline world;
  const AccountSettings settings;
  world.change([&](auto& tx, auto& out) {
    Client client = some_client("acme");
    REQUIRE(insert_client(tx, out, client, world.clock.now()));
    const Accounts accounts(settings, public_url, world.sealer());
    const auto made = accounts.create_account(tx, out, client.contacts.email, security::Role::OWNER, client.id, "test",
                                              world.clock.now());
    REQUIRE(made);
    accounts.send_welcome(tx, out, made->account, client.version, "early", world.clock.now());
  });
  REQUIRE(world.wait([&] { return world.welcomes().size() == 1; }));
  CHECK(world.welcomes().begin()->second == Status::BLOCKED_PROVISIONING_INCOMPLETE);
}

TEST_CASE("welcome: published together with PROVISIONED a thousand times it is never blocked") {
  constexpr std::size_t clients = 1'000;
  Pipeline world;
  std::vector<events::BillingEvent> paid_checkouts;
  world.change([&](auto& tx, auto& out) {
    for (std::size_t i = 0; i < clients; ++i) {
      Client client = some_client("c" + std::to_string(i));
      REQUIRE(insert_client(tx, out, client, world.clock.now()));
      paid_checkouts.push_back(paid(client.id));
    }
  });
  world.bill(paid_checkouts);
  REQUIRE(world.wait_longer([&] {
    return world.number("SELECT count(*) FROM provisioning.jobs WHERE status = 'DONE'") ==
           static_cast<std::int64_t>(clients);
  }));
  REQUIRE(world.wait_longer([&] { return world.welcomes().size() == clients; }));
  for (const auto& [message_id, status] : world.welcomes()) CHECK(status == Status::QUEUED);
}
