#include "provisioning/core/number_pool.hpp"

#include <catch2/catch.hpp>

using namespace carillon::provisioning;

TEST_CASE(
    "number pool: numbers are read in E.164 alone; blanks around are forgiven, repeats counted, the own refused") {
  const PoolNumbers read = read_pool_numbers({" +441632960001", "+441632960001\n", "441632960002", "+44 1632 960003",
                                              "", "+441632960004", "+15005550006", "+1-500-555-0001"},
                                             "+15005550006");
  CHECK(read.valid == std::vector<std::string>{"+441632960001", "+441632960004"});
  CHECK(read.repeated == 1);
  std::vector<std::size_t> positions;
  for (const auto& refused : read.refused) {
    positions.push_back(refused.position);
    CHECK_FALSE(refused.detail.empty());
    CHECK(refused.detail.find("1632") == std::string::npos);
  }
  CHECK(positions == std::vector<std::size_t>{3, 4, 5, 7, 8});
}

TEST_CASE("number pool: healthy from the threshold on") {
  CHECK(is_healthy({3, 0, 0}, 3));
  CHECK_FALSE(is_healthy({2, 10, 10}, 3));
  CHECK(is_healthy({0, 0, 0}, 0));
}

TEST_CASE("number pool: the alarm is raised once and cleared once, and not of a pool that is not in use") {
  CHECK(pool_alarm({2, 0, 5}, 0, 3, false) == PoolAlarm::RAISE);
  CHECK(pool_alarm({1, 0, 6}, 0, 3, true) == PoolAlarm::NONE);
  CHECK(pool_alarm({3, 0, 5}, 0, 3, true) == PoolAlarm::CLEAR);
  CHECK(pool_alarm({3, 0, 5}, 0, 3, false) == PoolAlarm::NONE);
  CHECK(pool_alarm({0, 0, 0}, 0, 3, false) == PoolAlarm::NONE);
  CHECK(pool_alarm({0, 0, 0}, 1, 3, false) == PoolAlarm::RAISE);
  CHECK(pool_alarm({0, 0, 0}, 0, 3, true) == PoolAlarm::CLEAR);
}

TEST_CASE("number pool: a given number is a success, an empty pool is none") {
  CHECK(Allocation{AllocationReason::ALLOCATED, "+441632960001"}.success());
  CHECK(Allocation{AllocationReason::ALREADY_ASSIGNED, "+441632960001"}.success());
  for (const auto reason :
       {AllocationReason::POOL_EMPTY, AllocationReason::CLIENT_NOT_FOUND, AllocationReason::ALLOCATION_ERROR})
    CHECK_FALSE(Allocation{reason, ""}.success());
}
