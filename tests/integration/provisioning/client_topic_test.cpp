#include "provisioning/app/client_topic.hpp"

#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"
#include "integration/provisioning/world.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;

namespace {

void publish(Tables& tables, const events::ClientState& state) {
  pg::Transaction tx(tables.owner);
  bus::Outbox out;
  out.publish(bus::topics::client_state,
              {state.client_id,
               events::binary_headers("carillon.client-state.v1", "carillon/cli", state.client_id, tables.clock.now()),
               events::to_json(state)});
  tables.bus().commit(out, tx);
}

events::ClientState state_at(const std::string& id, std::int64_t version) {
  Client client = some_client(id);
  client.version = version;
  client.business_name = "version " + std::to_string(version);
  return state_of(client);
}

// The latest of each client, as a reader that begins at the beginning has it.
std::map<std::string, events::ClientState> latest(Tables& tables) {
  std::map<std::string, events::ClientState> all;
  for (auto& state : tables.states())
    if (all[state.client_id].version <= state.version) all[state.client_id] = state;
  return all;
}

}  // namespace

TEST_CASE("client topic: it is built again from the table, with the same versions") {
  Tables tables;
  tables.change([&](auto& tx, auto& out) {
    for (int i = 0; i < 1'200; ++i) {
      Client client = some_client("c" + std::to_string(i));
      REQUIRE(insert_client(tx, out, client, tables.clock.now()));
      if (i == 7) {
        client.deleted = true;
        update_client(tx, out, client, tables.clock.now());
      }
    }
  });
  const auto before = latest(tables);
  tables.owner.run("TRUNCATE bus.client_state");
  CHECK(tables.states().empty());
  CHECK(republish_clients(tables.owner, tables.bus(), tables.clock.now()) == 1'200);
  CHECK(latest(tables) == before);
  CHECK(before.at("c7").deleted);
}

TEST_CASE("client topic: an empty table adopts what others published, so that changes go on from their versions") {
  Tables tables;
  publish(tables, state_at("acme", 4));
  publish(tables, state_at("acme", 6));
  publish(tables, state_at("acme", 5));
  events::ClientState gone = state_at("gone", 2);
  gone.deleted = true;
  publish(tables, gone);
  ClientTopic topic(carillon::testing::settings_of(tables.database), tables.bus(), tables.clock);
  CHECK_FALSE(topic.settled());
  topic.settle();
  CHECK(topic.settled());
  tables.change([&](auto& tx, auto& out) {
    auto acme = find_client(tx, "acme", Lock::FOR_UPDATE);
    REQUIRE(acme);
    CHECK(acme->version == 6);
    CHECK(acme->business_name == "version 6");
    CHECK(acme->contacts.email == "acme@example.com");
    CHECK(find_client(tx, "gone", Lock::NO)->deleted);
    update_client(tx, out, *acme, tables.clock.now());
  });
  CHECK(latest(tables).at("acme").version == 7);
}

TEST_CASE("client topic: an empty topic is built at start, a table that has clients adopts nothing") {
  Tables tables;
  tables.change([&](auto& tx, auto& out) {
    Client client = some_client("acme");
    REQUIRE(insert_client(tx, out, client, tables.clock.now()));
  });
  publish(tables, state_at("stranger", 3));
  ClientTopic(carillon::testing::settings_of(tables.database), tables.bus(), tables.clock).settle();
  CHECK(tables.number("SELECT count(*) FROM provisioning.clients") == 1);
  tables.owner.run("TRUNCATE bus.client_state");
  ClientTopic(carillon::testing::settings_of(tables.database), tables.bus(), tables.clock).settle();
  CHECK(latest(tables).at("acme").version == 1);
}

TEST_CASE("client topic: an operator has it built again") {
  World world;
  REQUIRE(world.wait_ready());
  world.put("/api/admin/clients/acme", R"({"plan":"PRO"})");
  const auto answer = world.post("/api/admin/client-state/republish");
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"published":1})");
  CHECK(world.states().size() == 2);
  CHECK(world.states()[1] == world.states()[0]);
  CHECK(world.audited("CLIENT_STATE_REPUBLISHED") == 1);
}
