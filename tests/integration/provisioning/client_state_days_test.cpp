// client.state.v1 when its old days have gone: whoever starts afterwards still knows every client.
#include <catch2/catch.hpp>

#include "attachments/attachments.hpp"
#include "bus/republisher.hpp"
#include "events/cloud_events.hpp"
#include "integration/provisioning/world.hpp"
#include "orchestrator/service.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using namespace std::chrono_literals;
using events::Status;

namespace {

constexpr int clients = 50;

std::string id_of(int number) {
  return "c" + std::to_string(number);
}

struct OldTopic : World {
  OldTopic() {
    clock.run();
    pg::migrate(owner, attachments::schema());
    pg::migrate(owner, orchestrator::schema());
    attachments::grant_keeper(owner, orchestrator::role);
    bus::grant_topics(owner, orchestrator::role, orchestrator::topics_written(), orchestrator::topics_read());
    change([&](auto& tx, auto& out) {
      for (int i = 0; i < clients; ++i) {
        Client one = some_client(id_of(i));
        REQUIRE(insert_client(tx, out, one, clock.now()));
      }
    });
    owner.run("SELECT bus.add_day('client_state', (now() AT TIME ZONE 'UTC')::date - 10)");
    owner.run("UPDATE bus.client_state SET published_at = now() - interval '10 days'");
  }

  service::Platform& platform_of_first() { return platform(0); }

  std::int64_t old_rows() {
    return number("SELECT count(*) FROM bus.client_state WHERE published_at < now() - interval '9 days'");
  }

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

  // The first status of a mail to each client, by client.
  std::map<std::string, Status> ask_for_mail_to_each() {
    pg::Transaction tx(owner);
    bus::Outbox out;
    for (int i = 0; i < clients; ++i) {
      events::SendRequest send;
      send.idempotency_key = id_of(i);
      send.template_key = "PAYMENT_FAILED";
      send.client_id = id_of(i);
      send.variables.text = R"({"amount":"49.00 EUR"})";
      out.publish(bus::topics::send_requests,
                  {send.client_id,
                   events::binary_headers("carillon.send-request.v1", "test", send.idempotency_key, clock.now()),
                   events::to_json(send)});
    }
    bus().commit(out, tx);
    bus().wake(out);
    std::map<std::string, Status> statuses;
    CHECK(wait([&] {
      for (const auto& received : published(bus::topics::message_log)) {
        const auto event = events::from_json<events::MessageEvent>(received.record.value);
        REQUIRE(event);
        statuses.emplace(event->client_id, event->status);
      }
      return statuses.size() == clients;
    }));
    return statuses;
  }
};

}  // namespace

TEST_CASE("client topic: an orchestrator that starts after old days were dropped still knows every client") {
  OldTopic world;
  bus::maintain_bus(world.owner, 72h);
  CHECK(world.old_rows() > 0);  // not while they are needed
  {
    pg::ConnectionSettings as_service = carillon::testing::settings_of(world.database);
    as_service.role = role;
    const auto bus = bus::make_postgres_bus({as_service}, world.bell(), world.clock);
    bus::Republisher republisher(*bus, {as_service, bus::topics::client_state, "provisioning"});
    CHECK(republisher.look() == clients);
  }
  bus::maintain_bus(world.owner, 72h);
  CHECK(world.old_rows() == 0);
  world.know_a_provider();
  orchestrator::OrchestratorSettings unlimited;
  unlimited.email_per_minute_limit = 0;
  const auto decides = orchestrator::make_orchestrator(unlimited, world.platform_of_first());
  decides->start();
  CHECK(world.wait([&] {
    for (const auto& check : decides->ready_checks())
      if (check.missing()) return false;
    return true;
  }));
  for (const auto& [client, status] : world.ask_for_mail_to_each()) {
    CAPTURE(client);
    CHECK(status == Status::QUEUED);
  }
  decides->stop();
}

TEST_CASE("client topic: an instance that starts publishes again by itself what would go") {
  OldTopic world;
  const auto another = make_provisioning({}, world.platform_of_first());
  another->start();
  CHECK(world.wait([&] { return world.states().size() == 2 * clients; }));
  CHECK(world.wait([&] {
    bus::maintain_bus(world.owner, 72h);
    return world.old_rows() == 0;
  }));
  CHECK(world.states().size() == clients);
  another->stop();
}
