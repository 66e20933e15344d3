#include <catch2/catch.hpp>

#include "integration/provisioning/onboarding_world.hpp"
#include "provisioning/app/number_upkeep.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using namespace std::chrono_literals;

namespace {

std::string allocate_path(const std::string& id) {
  return "/api/admin/clients/" + id + "/allocate-number";
}

std::vector<std::string> add_clients(OnboardingWorld& world, int count) {
  std::vector<std::string> ids;
  for (int n = 0; n < count; ++n) {
    ids.push_back("c" + std::to_string(n));
    world.add_client(ids.back(), "", true, {});
  }
  return ids;
}

void cancel(OnboardingWorld& world, const std::string& id) {
  world.edit(id, [](Client& client) {
    client.payment_active = false;
    client.subscription_status = "canceled";
  });
}

int assigned(OnboardingWorld& world) {
  return static_cast<int>(
      world.number("SELECT count(DISTINCT c.twilio_number) FROM provisioning.clients c JOIN "
                   "provisioning.twilio_number_pool p ON p.client_id = c.id AND p.phone_e164 = c.twilio_number "
                   "WHERE p.status = 'ASSIGNED'"));
}

}  // namespace

TEST_CASE("number pool: a client is given a number once, with its state published and audited") {
  OnboardingWorld world;
  world.seed(3);
  world.add_client("c1", "", true);
  const auto answer = world.post(allocate_path("c1"));
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"success":true,"phone_e164":"+441632960000","reason":"ALLOCATED"})");
  CHECK(world.client_by_id("c1").twilio_number == "+441632960000");
  CHECK(world.client_by_id("c1").version == 2);
  CHECK(world.states().back().twilio_number == "+441632960000");
  CHECK(world.audited("NUMBER_ALLOCATION") == 1);
  SECTION("asking again gives the same one and changes nothing") {
    const auto again = world.post(allocate_path("c1"));
    CHECK(again.status == 200);
    CHECK(again.body == R"({"success":true,"phone_e164":"+441632960000","reason":"ALREADY_ASSIGNED"})");
    CHECK(world.client_by_id("c1").version == 2);
    CHECK(world.get("/api/admin/number-pool/stats").body ==
          R"({"total":3,"byStatus":{"AVAILABLE":2,"RESERVED":0,"ASSIGNED":1},"waiting":0})");
  }
  SECTION("fifty times at once for one client gives one number") {
    world.add_client("c2", "", true, other_phone);
    CHECK(world.allocate_at_once(std::vector<std::string>(50, "c2")) == std::map<int, int>{{200, 50}});
    CHECK(assigned(world) == 2);
  }
}

TEST_CASE("number pool: no client, no number, no scope") {
  OnboardingWorld world;
  CHECK(world.post(allocate_path("nobody")).status == 404);
  CHECK(world.post(allocate_path("nobody")).body.find("\"reason\":\"CLIENT_NOT_FOUND\"") != std::string::npos);
  world.add_client("c1", "", true);
  const auto empty = world.post(allocate_path("c1"));
  CHECK(empty.status == 409);
  CHECK(empty.body.find(R"("success":false,"phone_e164":null,"reason":"POOL_EMPTY")") != std::string::npos);
  CHECK(world.client_by_id("c1").version == 1);
  const http::Fields other{{"Authorization", "Bearer " + world.other_key}};
  for (const char* path : {"/api/admin/number-pool/stats", "/api/admin/number-pool/health",
                           "/api/admin/number-pool/waiting", "/api/admin/number-pool/recent"})
    CHECK(world.call(http::Method::GET, path, {}, other).status == 403);
  CHECK(world.call(http::Method::POST, allocate_path("c1"), {}, other).status == 403);
  CHECK(world.call(http::Method::POST, "/api/admin/number-pool/numbers", "{}", other).status == 403);
}

TEST_CASE("number pool: what the database refuses is ALLOCATION_ERROR and leaves everything as it was") {
  OnboardingWorld world;
  world.seed(3);
  world.add_client("c1", "", true);
  world.owner.run("ALTER TABLE provisioning.twilio_number_pool ADD CONSTRAINT broken CHECK (status <> 'ASSIGNED')");
  const auto answer = world.post(allocate_path("c1"));
  CHECK(answer.status == 500);
  CHECK(answer.body.find("\"reason\":\"ALLOCATION_ERROR\"") != std::string::npos);
  CHECK(world.client_by_id("c1").twilio_number.empty());
  CHECK(world.client_by_id("c1").version == 1);
  CHECK(world.metrics().find("carillon_number_pool_allocations_total{reason=\"ALLOCATION_ERROR\"} 1") !=
        std::string::npos);
  world.owner.run("ALTER TABLE provisioning.twilio_number_pool DROP CONSTRAINT broken");
  CHECK(world.post(allocate_path("c1")).status == 200);
}

TEST_CASE("number pool: twenty clients at once over twenty numbers all succeed, each with one of its own") {
  OnboardingWorld world(onboarding_settings(), 3);
  world.seed(20);
  const auto clients = add_clients(world, 20);
  CHECK(world.allocate_at_once(clients) == std::map<int, int>{{200, 20}});
  CHECK(assigned(world) == 20);
}

TEST_CASE("number pool: fifty clients at once over twenty numbers get twenty distinct ones and thirty POOL_EMPTY") {
  OnboardingWorld world(onboarding_settings(), 3);
  world.seed(20);
  const auto clients = add_clients(world, 50);
  CHECK(world.allocate_at_once(clients) == std::map<int, int>{{200, 20}, {409, 30}});
  CHECK(assigned(world) == 20);
  CHECK(world.number("SELECT count(*) FROM provisioning.number_waiting") == 30);
}

TEST_CASE("number pool: numbers are added once; what is none is refused by its place, the others are added") {
  OnboardingWorld world;
  const auto answer =
      world.post("/api/admin/number-pool/numbers",
                 R"({"numbers":["+441632960001"," +441632960002","+44 1632 960003","x","+441632960001",)"
                 R"("+15005550006"]})");
  CHECK(answer.status == 200);
  CHECK(answer.body.find(R"({"added":2,"known":0,"repeated":1,"refused":[{"position":3,)") == 0);
  CHECK(answer.body.find("{\"position\":4,") != std::string::npos);
  CHECK(answer.body.find("{\"position\":6,\"detail\":\"is the platform's own number") != std::string::npos);
  CHECK(world.post("/api/admin/number-pool/numbers", R"({"numbers":["+441632960001","+441632960009"]})").body ==
        R"({"added":1,"known":1,"repeated":0,"refused":[]})");
  CHECK(world.audited("NUMBER_POOL_NUMBERS_ADDED") == 2);
  for (const char* body : {"", "[]", "{}", R"({"numbers":[]})", R"({"numbers":[1]})", R"({"numbers":"+441632960001"})",
                           R"({"numbers":["+441632960001"],"more":1})"}) {
    INFO(body);
    CHECK(world.post("/api/admin/number-pool/numbers", body).status == (*body == '\0' ? 415 : 400));
  }
  CHECK(world.get("/api/admin/number-pool/health").body ==
        R"({"healthy":true,"availableCount":3,"warningThreshold":3})");
}

TEST_CASE("number pool: a number that an operator gave a client by hand is never given to another") {
  OnboardingWorld world;
  world.seed(2);
  world.add_client("c1", "", true, owner_phone, "+441632960000");
  world.add_client("c2", "", true, other_phone);
  CHECK(world.post(allocate_path("c2")).status == 200);
  CHECK(world.client_by_id("c2").twilio_number == "+441632960001");
}

TEST_CASE("number pool: a canceled client's number rests thirty days for it alone, then it is anybody's") {
  OnboardingWorld world;
  world.seed(1);
  world.add_client("c1", "", true);
  world.add_client("c2", "", true, other_phone);
  REQUIRE(world.post(allocate_path("c1")).status == 200);
  CHECK(reserve_canceled_numbers(world.owner, world.bus(), world.clock.now()) == 0);
  cancel(world, "c1");
  reserve_canceled_numbers(world.owner, world.bus(), world.clock.now());  // the service's own thread may be faster
  CHECK(world.client_by_id("c1").twilio_number.empty());
  CHECK(world.text("SELECT status FROM provisioning.twilio_number_pool") == "RESERVED");
  CHECK(world.audited("NUMBER_RESERVED") == 1);
  CHECK(world.post(allocate_path("c2")).status == 409);
  SECTION("the client that comes back has it again") {
    world.edit("c1", [](Client& client) {
      client.payment_active = true;
      client.subscription_status = "active";
    });
    CHECK(world.post(allocate_path("c1")).body.find("+441632960000") != std::string::npos);
    CHECK(reserve_canceled_numbers(world.owner, world.bus(), world.clock.now()) == 0);
  }
  SECTION("after thirty days it is another's") {
    world.clock.advance(30 * 24h - 1s);
    CHECK(end_number_quarantine(world.owner, world.bus(), world.clock.now()) == 0);
    world.clock.advance(1s);
    end_number_quarantine(world.owner, world.bus(), world.clock.now());
    CHECK(world.text("SELECT status FROM provisioning.twilio_number_pool") != "RESERVED");
    CHECK(world.post(allocate_path("c2")).status == 200);
  }
}

TEST_CASE("number pool: who pays again within the quarantine has its number back by itself, though none is available") {
  OnboardingWorld world;
  world.seed(1);
  world.add_client("c1", "", true);
  REQUIRE(world.post(allocate_path("c1")).status == 200);
  cancel(world, "c1");
  metrics::Registry registry;
  world.upkeep_turn(registry);
  REQUIRE(world.client_by_id("c1").twilio_number.empty());
  world.edit("c1", [](Client& client) {
    client.payment_active = true;
    client.subscription_status = "active";
  });
  world.upkeep_turn(registry);
  CHECK(world.client_by_id("c1").twilio_number == "+441632960000");
  CHECK(world.text("SELECT status FROM provisioning.twilio_number_pool") == "ASSIGNED");
  CHECK(world.number("SELECT count(*) FROM provisioning.number_waiting") == 0);
}

TEST_CASE("number pool: a removed client's number rests, and is its own again when it comes back") {
  OnboardingWorld world;
  world.seed(1);
  world.add_client("c1", "", true);
  REQUIRE(world.post(allocate_path("c1")).status == 200);
  CHECK(world.call(http::Method::DELETE_, "/api/admin/clients/c1").status == 200);
  CHECK(world.client_by_id("c1").twilio_number.empty());
  metrics::Registry registry;
  const bool upkeep_first = GENERATE(true, false);
  CAPTURE(upkeep_first);
  if (upkeep_first) {
    world.upkeep_turn(registry);
    CHECK(world.text("SELECT status FROM provisioning.twilio_number_pool") == "RESERVED");
  }
  CHECK(world.put("/api/admin/clients/c1", R"({"payment_active":true})").status == 201);
  world.upkeep_turn(registry);
  CHECK(world.client_by_id("c1").twilio_number == "+441632960000");
  CHECK(world.text("SELECT status FROM provisioning.twilio_number_pool") == "ASSIGNED");
}

TEST_CASE("number pool: a waiting client that can't be served holds up nobody behind it") {
  OnboardingWorld world;
  world.add_client("c1", "", true);
  world.add_client("c2", "", true, other_phone);
  REQUIRE(world.post(allocate_path("c1")).status == 409);
  world.clock.advance(1min);
  REQUIRE(world.post(allocate_path("c2")).status == 409);
  world.owner.run("CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$");
  world.owner.run(
      "CREATE TRIGGER refuse BEFORE UPDATE ON provisioning.clients FOR EACH ROW WHEN (old.id = 'c1') "
      "EXECUTE FUNCTION public.refuse()");
  world.seed(2);
  metrics::Registry registry;
  world.upkeep_turn(registry);
  CHECK(world.client_by_id("c1").twilio_number.empty());
  CHECK_FALSE(world.client_by_id("c2").twilio_number.empty());
}

TEST_CASE("number pool: OPS hear of a low pool once, and again only after it has recovered") {
  OnboardingWorld world;
  const auto look = [&] { watch_number_pool(world.owner, world.bus(), 3, world.clock.now()); };
  const auto alerts = [&] { return world.requests("OPS_ALERT_NUMBER_POOL_LOW"); };
  look();
  CHECK(alerts().empty());  // a pool that is not in use
  world.owner.run(
      "INSERT INTO provisioning.twilio_number_pool VALUES ('+441632960101', 'AVAILABLE', NULL, NULL, NULL, "
      "now(), now())");
  look();
  look();
  REQUIRE(alerts().size() == 1);
  CHECK(variable(alerts()[0], "available") == "1");
  CHECK(variable(alerts()[0], "threshold") == "3");
  world.seed(5);
  look();
  CHECK(alerts().size() == 1);
  world.clock.advance(1h);
  world.owner.run("DELETE FROM provisioning.twilio_number_pool WHERE phone_e164 <> '+441632960101'");
  look();
  CHECK(alerts().size() == 2);
}

TEST_CASE("number pool: whoever waits is served in the order of asking as soon as there are numbers") {
  OnboardingWorld world;
  world.add_client("c1", "S5_CONFIRM_LIVE", true);
  world.add_client("c2", "", true, other_phone);
  CHECK(world.sms(owner_phone, "YES").status == 200);
  CHECK(world.last_reply() == "You're on our priority list. Reply READY to try again.");
  world.clock.advance(1min);
  CHECK(world.post(allocate_path("c2")).status == 409);
  const auto waiting = world.get("/api/admin/number-pool/waiting").body;
  CHECK(waiting.find("\"client_id\":\"c1\"") < waiting.find("\"client_id\":\"c2\""));
  CHECK(waiting.find("+44*******123") != std::string::npos);
  CHECK(waiting.find(owner_phone) == std::string::npos);
  world.seed(1);
  metrics::Registry registry;
  world.upkeep_turn(registry);
  CHECK(world.client_by_id("c1").twilio_number == "+441632960000");
  CHECK(world.state() == "S6_PHONE_TYPE");
  CHECK(world.last_reply().starts_with("Your number is +441632960000."));
  CHECK(world.client_by_id("c2").twilio_number.empty());
  CHECK(world.number("SELECT count(*) FROM provisioning.number_waiting") == 1);
  const auto recent = world.get("/api/admin/number-pool/recent?limit=5").body;
  CHECK(recent.find("\"client_id\":\"c1\"") != std::string::npos);
  CHECK(world.get("/api/admin/number-pool/recent?limit=0").status == 400);
  CHECK(world.get("/api/admin/number-pool/waiting?cursor=x").status == 400);
}

TEST_CASE("number pool: allocations and numbers are counted") {
  OnboardingWorld world;
  world.seed(1);
  world.add_client("c1", "", true);
  world.add_client("c2", "", true, other_phone);
  for (const char* id : {"c1", "c1", "c2", "nobody"}) world.post(allocate_path(id));
  const std::string metrics = world.metrics();
  for (const char* reason : {"ALLOCATED", "ALREADY_ASSIGNED", "POOL_EMPTY", "CLIENT_NOT_FOUND"}) {
    INFO(reason);
    CHECK(metrics.find("carillon_number_pool_allocations_total{reason=\"" + std::string(reason) + "\"} 1") !=
          std::string::npos);
  }
  metrics::Registry registry;
  world.upkeep_turn(registry);
  CHECK(registry.expose().find("carillon_number_pool_numbers{status=\"ASSIGNED\"} 1") != std::string::npos);
  CHECK(registry.expose().find("carillon_number_pool_waiting 1") != std::string::npos);
}
