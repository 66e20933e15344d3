// Who tells whom that there is something to read.
#include <catch2/catch.hpp>

#include "postgres_harness.hpp"

using namespace carillon;
using namespace carillon::bus;
using namespace carillon::bus::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto limit = 10s;

// Hears what is said in the database without being a bell.
class Eavesdropper {
 public:
  explicit Eavesdropper(const PostgresHarness& harness) : connection_(harness.administrator()) {
    connection_.run("LISTEN carillon_bus");
  }
  bool hears(const std::string& payload, std::chrono::milliseconds wait) {
    for (const auto end = std::chrono::steady_clock::now() + wait; std::chrono::steady_clock::now() < end;)
      for (const pg::Notification& notice : connection_.take_notifications(20ms))
        if (notice.payload == payload) return true;
    return false;
  }

 private:
  pg::Connection connection_;
};

bool until(const std::function<bool()>& done) {
  for (const auto end = std::chrono::steady_clock::now() + limit; std::chrono::steady_clock::now() < end;)
    if (done()) return true;
  return false;
}

}  // namespace

TEST_CASE("bell: one that is alone says nothing; another hears it from its first moment on") {
  const PostgresHarness harness;
  Eavesdropper eavesdropper(harness);
  const std::string table(topics::send_requests.table);
  const auto silent = [&](Bell& bell) {
    bell.ring(topics::send_requests);
    return !eavesdropper.hears(table, 200ms);
  };
  Bell bell(harness.database());
  CHECK(eavesdropper.hears("", limit));
  CHECK(until([&] { return silent(bell); }));
  {
    Bell other(harness.database());
    CHECK(eavesdropper.hears("", limit));
    CHECK(until([&] {
      bell.ring(topics::send_requests);
      other.wait(topics::send_requests.table, other.rings_from_others(topics::send_requests.table), 20ms);
      return other.rings_from_others(topics::send_requests.table) > 0;
    }));
    CHECK(bell.rings_from_others(topics::send_requests.table) == 0);
  }
  CHECK(until([&] { return silent(bell); }));
}

TEST_CASE("bell: what is read here alone is told here alone") {
  const PostgresHarness harness;
  Bell bell(harness.database()), other(harness.database());
  std::uint64_t rings = bell.wait(topics::dispatch.table, 0, 0ms);
  CHECK(until([&] {  // they know of each other
    bell.ring(topics::feedback);
    other.wait(topics::feedback.table, 0, 20ms);
    return other.rings_from_others(topics::feedback.table) > 0;
  }));
  bell.ring(topics::dispatch, Bell::Hearers::HERE);
  CHECK(bell.wait(topics::dispatch.table, rings, 0ms) == rings + 1);
  // What is said later, of all topics at once, does not name it.
  const auto heard = other.rings_from_others(topics::feedback.table);
  CHECK(until([&] {
    bell.ring(topics::feedback);
    other.wait(topics::feedback.table, 0, 20ms);
    return other.rings_from_others(topics::feedback.table) > heard;
  }));
  CHECK(other.rings_from_others(topics::dispatch.table) == 0);
}
