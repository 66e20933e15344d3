// Who is in charge of a partition.
#include "bus/postgres/leases.hpp"

#include <catch2/catch.hpp>
#include <memory>

#include "postgres_harness.hpp"

using namespace carillon;
using namespace carillon::bus;
using namespace carillon::bus::testing;

namespace {

constexpr int partitions = 4;
constexpr std::chrono::seconds limit{10};

// A member of a group with a session of its own.
class Member {
 public:
  Member(const PostgresHarness& harness, Rank rank)
      : session_(harness.administrator()), leases_("group", topics::audit, partitions, rank) {}
  std::size_t held_after_look() {
    leases_.refresh(session_);
    return leases_.held().size();
  }
  // The server ends a session a moment after its client has.
  bool comes_to_hold(std::size_t count) {
    for (const auto end = std::chrono::steady_clock::now() + limit; std::chrono::steady_clock::now() < end;)
      if (held_after_look() == count) return true;
    return false;
  }

 private:
  pg::Connection session_;
  Leases leases_;
};

// The first has all until its next look, which sees the second.
void check_shared(Member& first, Member& second) {
  CHECK(first.held_after_look() == 4);
  CHECK(second.held_after_look() == 0);
  CHECK(first.held_after_look() == 2);
  CHECK(second.held_after_look() == 2);
}

}  // namespace

TEST_CASE("leases: members share the partitions, and one that goes leaves its own to the others") {
  const PostgresHarness harness;
  Member first(harness, Rank::FIRST);
  auto second = std::make_unique<Member>(harness, Rank::FIRST);
  check_shared(first, *second);
  second.reset();
  CHECK(first.comes_to_hold(4));
}

TEST_CASE("leases: a standby holds partitions only while no member of the first rank is there") {
  const PostgresHarness harness;
  Member standby(harness, Rank::STANDBY), other_standby(harness, Rank::STANDBY);
  check_shared(standby, other_standby);
  auto first = std::make_unique<Member>(harness, Rank::FIRST);
  CHECK(first->held_after_look() == 0);
  CHECK(standby.held_after_look() == 0);
  CHECK(first->held_after_look() == 2);
  CHECK(other_standby.held_after_look() == 0);
  CHECK(first->held_after_look() == 4);
  first.reset();
  CHECK(standby.comes_to_hold(2));
}
