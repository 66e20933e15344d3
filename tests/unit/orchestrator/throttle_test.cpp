#include "orchestrator/core/throttle.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/core/fair_order.hpp"
#include "orchestrator/core/rate_window.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using events::Priority;

namespace {
const UtcTime now = from_unix_micros(1'790'000'000'000'000);
}

TEST_CASE("throttle: no 60 s hold more than the limit, whatever the arrival") {
  std::vector<ThrottleBucket> buckets;
  std::vector<UtcTime> sent;
  std::uint64_t random = 42;
  for (UtcTime t = now; t < now + std::chrono::minutes(6);) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::int64_t wanted = static_cast<std::int64_t>(random >> 60);
    const std::int64_t goes = std::min(wanted, capacity(60, admitted_in_window(buckets, t)));
    buckets.push_back({unix_second(t), goes});
    for (std::int64_t i = 0; i < goes; ++i) sent.push_back(t);
    t += std::chrono::microseconds((random >> 32) % 400'000);
  }
  REQUIRE(sent.size() > 300);
  for (std::size_t i = 0; i + 60 < sent.size(); ++i) REQUIRE(sent[i + 60] - sent[i] >= std::chrono::seconds(60));
}

TEST_CASE("throttle: a second's admissions weigh until 62 s after it began, and those of the future too") {
  const std::vector<ThrottleBucket> buckets{{unix_second(now), 5}};
  CHECK(admitted_in_window(buckets, now + std::chrono::milliseconds(61'999)) == 5);
  CHECK(admitted_in_window(buckets, now + std::chrono::seconds(62)) == 0);
  CHECK(admitted_in_window(buckets, now - std::chrono::seconds(30)) == 5);
}

TEST_CASE("throttle: CRITICAL always goes and takes the others' room") {
  const std::vector<ThrottleCandidate> batch{
      {Priority::NORMAL, "a"}, {Priority::CRITICAL, "b"}, {Priority::NORMAL, "a"}, {Priority::CRITICAL, "b"}};
  CHECK(admit(batch, 3, 0, true) == std::vector<bool>{true, true, false, true});
  CHECK(admit(batch, 3, 100, true) == std::vector<bool>{false, true, false, true});
}

TEST_CASE("throttle: newcomers join behind those who wait, except CRITICAL") {
  const std::vector<ThrottleCandidate> batch{{Priority::NORMAL, "a"}, {Priority::CRITICAL, "b"}};
  CHECK(admit(batch, 60, 0, false) == std::vector<bool>{false, true});
}

TEST_CASE("throttle: within a batch NORMAL goes before BULK, and clients take turns") {
  const std::vector<ThrottleCandidate> batch{
      {Priority::BULK, "a"}, {Priority::NORMAL, "a"}, {Priority::NORMAL, "a"}, {Priority::NORMAL, "b"}};
  CHECK(admit(batch, 2, 0, true) == std::vector<bool>{false, true, false, true});
  CHECK(admit(batch, 3, 0, true) == std::vector<bool>{false, true, true, true});
}

TEST_CASE("fair order: clients take turns within a priority, and priorities come first") {
  FairTurns turns;
  std::vector<std::pair<QueuePlace, std::string>> queue;
  const auto join = [&](Priority priority, const std::string& client) {
    queue.push_back({{priority, turns.next(priority, client), static_cast<std::int64_t>(queue.size())}, client});
  };
  for (int i = 0; i < 3; ++i) join(Priority::BULK, "z");
  for (int i = 0; i < 4; ++i) join(Priority::NORMAL, "big");
  join(Priority::NORMAL, "small");
  std::sort(queue.begin(), queue.end());
  std::string order;
  for (const auto& [place, client] : queue) order += client.substr(0, 1);
  CHECK(order == "bsbbbzzz");
}

TEST_CASE("fair order: who joins a long queue late starts at the turn now being served") {
  FairTurns turns;
  turns.serving(Priority::NORMAL, 500);
  turns.last_of(Priority::NORMAL, "big", 9'000);
  CHECK(turns.next(Priority::NORMAL, "new") == 500);
  CHECK(turns.next(Priority::NORMAL, "new") == 501);
  CHECK(turns.next(Priority::NORMAL, "big") == 9'001);
  CHECK(turns.next(Priority::BULK, "new") == 0);
}

TEST_CASE("rate window: one per client, without client per recipient, by item where the template says so") {
  TemplateMeta meta;
  meta.key = "COMPLIANCE_EXPIRY_REMINDER";
  CHECK_FALSE(rate_window(meta, "c1", "hash", "", now));
  meta.rate_limit_window = std::chrono::hours(24);
  CHECK(rate_window(meta, "c1", "hash", "", now)->subject == "client:c1");
  CHECK(rate_window(meta, "", "hash", "", now)->subject == "recipient:hash");
  CHECK(rate_window(meta, "c1", "hash", "", now)->until == now + std::chrono::hours(24));
  meta.rate_limit_key_variable = "expiry_date";
  CHECK(rate_window(meta, "c1", "hash", "2027-02-01", now)->subject == "client:c1|expiry_date=2027-02-01");
}
