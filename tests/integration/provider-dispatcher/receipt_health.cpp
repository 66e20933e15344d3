#include "provider-dispatcher/app/receipt_watch.hpp"
#include "receipt_calls.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using namespace std::chrono_literals;

namespace {

struct Scene {
  Scene() : world(clock) {}
  // What was counted over all instances in the minute `ago`.
  void counted(std::chrono::minutes ago, int accepted_calls, int receipts) {
    const std::string minute = to_rfc3339(floor_minute(clock.now() - ago));
    world.owner().run("INSERT INTO dispatcher.receipt_minutes VALUES ('postmark', '" + minute + "', " +
                      std::to_string(accepted_calls) + ", " + std::to_string(receipts) + ") ON CONFLICT DO NOTHING");
  }
  std::size_t degraded() { return world.audits("PROVIDER_DEGRADED").size(); }

  carillon::testing::ManualClock clock;
  World world;
  ReceiptFigures figures{{"postmark"}};
  UnmatchedRoom room;
  metrics::Registry metrics;
  ReceiptRefusals refusals{metrics, clock};
  ReceiptWatch watch{{world.bus(), clock, world.as_dispatcher(), figures, room, refusals, metrics}};
  ReceiptWatch other{{world.bus(), clock, world.as_dispatcher(), figures, room, refusals, metrics}};
};

}  // namespace

TEST_CASE_METHOD(Scene, "receipts: a provider whose receipts stay away is degraded once, and recovers when they come") {
  counted(3h, 10, 10);
  counted(7min, 60, 0);
  counted(2min, 0, 5);
  watch.look();
  other.look();
  CHECK(degraded() == 1);
  CHECK(figures.missing("postmark"));
  CHECK(world.audits("PROVIDER_DEGRADED")[0].reason == "NO_RECEIPTS");
  clock.advance(1min);
  watch.look();
  CHECK(degraded() == 1);
  clock.advance(15min);
  counted(1min, 0, 3);
  watch.look();
  other.look();
  CHECK_FALSE(figures.missing("postmark"));
  CHECK(world.audits("PROVIDER_RECOVERED").size() == 1);
}

TEST_CASE_METHOD(Scene, "receipts: a webhook that never brought anything is no sign of trouble") {
  counted(7min, 6'000, 0);
  watch.look();
  CHECK(degraded() == 0);
}

TEST_CASE_METHOD(Scene, "receipts: calls and receipts of all instances are added up by minute") {
  Finished finished;
  finished.claim = std::make_shared<Claim>();
  finished.claim->provider_name = "postmark";
  finished.outcome = accepted();
  finished.at = clock.now();
  const std::vector<Finished> batch(30, finished);
  figures.settled(batch);
  figures.came("postmark", clock.now());
  figures.came("smtp", clock.now());
  watch.look();
  figures.settled(batch);
  clock.advance(receipt_judge_pause);
  other.look();
  CHECK(world.number("SELECT accepted FROM dispatcher.receipt_minutes WHERE provider = 'postmark'") == 60);
  CHECK(world.number("SELECT receipts FROM dispatcher.receipt_minutes WHERE provider = 'postmark'") == 1);
  CHECK(world.number("SELECT count(*) FROM dispatcher.receipt_minutes") == 1);
}

TEST_CASE_METHOD(Scene, "receipts: old notes, calls and figures are removed") {
  world.owner().run("INSERT INTO dispatcher.sent_calls VALUES ('ses', 'old', '" + new_uuid(clock.now()) + "', 1, '" +
                    to_rfc3339(clock.now()) + "')");
  world.owner().run("INSERT INTO dispatcher.noted_receipts VALUES ('" + new_uuid(clock.now()) + "', 1, 1, '" +
                    to_rfc3339(clock.now()) + "')");
  counted(0min, 1, 1);
  watch.look();
  const auto left = [&] {
    return world.number(
        "SELECT (SELECT count(*) FROM dispatcher.sent_calls) + (SELECT count(*) FROM dispatcher.noted_receipts) + "
        "(SELECT count(*) FROM dispatcher.receipt_minutes)");
  };
  CHECK(left() == 3);
  clock.advance(26h);
  watch.look();
  CHECK(left() == 2);
  clock.advance(48h);
  watch.look();
  CHECK(left() == 1);
  clock.advance(96h);
  watch.look();
  CHECK(left() == 0);
}

TEST_CASE("receipts: GET /health/messaging says that a provider's receipts stay away") {
  const SystemClock clock;
  const auto postmark = std::make_shared<Script>("postmark");
  World world(clock);
  world.owner().run("INSERT INTO dispatcher.receipts_missing VALUES ('postmark', now())");
  Instance& instance = world.start({postmark}, {}, postmark_settings());
  const std::string key = world.admin_key();
  REQUIRE(world.until([&] {
    return instance.get("/health/messaging", key).body.find("\"degraded\":\"NO_RECEIPTS\"") != std::string::npos;
  }));
}
