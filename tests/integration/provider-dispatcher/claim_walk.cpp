// Claiming while somewhere a transaction stays open, as a backup's does.
#include "provider-dispatcher/core/claim_walk.hpp"

#include "provider-dispatcher/adapters/pending_store.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using namespace std::chrono_literals;

namespace {

constexpr int claimed_at_once = 100;

void insert_waiting(World& world, int rows, const std::string& overdue) {
  world.owner().run(
      "INSERT INTO dispatcher.pending (message_id, due_at, created_at, state, round, attempt, priority, extra_call, "
      "channel, provider, tried, traceparent, payload) "
      "SELECT gen_random_uuid(), now() - interval '" +
      overdue + "' + n * interval '1 millisecond', now(), 0, 1, 0, 2, false, 'EMAIL', 'postmark', '{}', '', '{}' " +
      "FROM generate_series(1, " + std::to_string(rows) + ") AS n");
}

struct Claimed {
  int rows = 0;
  std::int64_t entries = 0;  // of the index that were walked over
};

class Claimer {
 public:
  explicit Claimer(World& world) : world_(world), connection_(world.as_dispatcher()) {}

  Claimed claim(ClaimWalk& walk, SteadyTime began) {
    pg::Transaction tx(connection_);
    const std::int64_t before = entries_read(tx);
    const auto start = walk.start(began);
    const UtcTime now = world_.clock.now();
    const auto waiting = pending_store::claim_waiting(tx, world_.bus(), "postmark", claimed_at_once, {1, ++number_},
                                                      now, start.due_from);
    const auto rows = static_cast<int>(waiting.claims.size());
    walk.ended(start, now, waiting.last_due, rows == claimed_at_once, began, began + 1ms);
    const std::int64_t entries = entries_read(tx) - before;
    tx.commit();
    return {rows, entries};
  }

 private:
  static std::int64_t entries_read(pg::Transaction& tx) {
    return tx.run("SELECT pg_stat_get_xact_tuples_returned('dispatcher.pending_waiting'::regclass)")[0][0]
        .as<std::int64_t>();
  }
  World& world_;
  pg::Connection connection_;
  std::int64_t number_ = 0;
};

}  // namespace

TEST_CASE("claim walk: while a transaction stays open, the last of a backlog is claimed as cheaply as the first") {
  const SystemClock clock;
  World world(clock);
  insert_waiting(world, 3'000, "1 hour");
  pg::Connection backup(world.as_owner());
  pg::Transaction open(backup);
  open.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  open.run("SELECT count(*) FROM dispatcher.pending");
  Claimer claimer(world);
  ClaimWalk walk;
  const SteadyTime began{1h};
  for (int claimed = 0; claimed < 3'000; claimed += claimed_at_once) {
    const Claimed batch = claimer.claim(walk, began);
    CHECK(batch.rows == claimed_at_once);
    CHECK(batch.entries <= 2 * claimed_at_once);
  }
  const Claimed rest = claimer.claim(walk, began);
  CHECK(rest.rows == 0);
  CHECK(rest.entries <= claimed_at_once);
}

TEST_CASE("claim walk: what comes in behind the last walk is found by the next whole one") {
  const SystemClock clock;
  World world(clock);
  insert_waiting(world, claimed_at_once, "1 hour");
  Claimer claimer(world);
  ClaimWalk walk;
  const SteadyTime began{1h};
  CHECK(claimer.claim(walk, began).rows == claimed_at_once);
  insert_waiting(world, 7, "2 hours");
  CHECK(claimer.claim(walk, began + 2ms).rows == 0);
  const SteadyTime due_at = walk.whole_due_at();
  REQUIRE(due_at < began + 20ms);
  CHECK(claimer.claim(walk, due_at).rows == 7);
}
