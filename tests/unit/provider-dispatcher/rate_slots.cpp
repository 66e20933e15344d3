#include "provider-dispatcher/core/rate_slots.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <random>

using namespace carillon;
using namespace carillon::dispatcher;
using namespace std::chrono_literals;

namespace {
const UtcTime start = from_unix_micros(1'790'000'000'000'000);
}

TEST_CASE("rate: slots begin at the next free one and reach as far as the horizon") {
  const SlotPlan plan = plan_slots(start, start, 100, 1'000);
  CHECK(plan.first == start);
  CHECK(plan.count == 8);  // every 10.2 ms within 80 ms
  CHECK(slot_at(plan, 100, 1) - start == slot_spacing(100));
  CHECK(plan_slots(start, start, 100, 3).count == 3);
  CHECK(plan_slots(start + 81ms, start, 100, 10).count == 0);
  CHECK(plan_slots(start + 80ms, start, 100, 10).count == 1);
}

TEST_CASE("rate: slots nobody took are not saved up") {
  const SlotPlan plan = plan_slots(start, start + 10min, 14, 1'000);
  CHECK(plan.first == start + 10min);
  CHECK(plan.count == 2);
}

TEST_CASE("rate: under load no 1-s window holds more than the rate, though each call is late by up to its bound") {
  std::mt19937_64 random(11);
  std::uniform_int_distribution<std::int64_t> late_us(0, std::chrono::microseconds(slot_lateness_max).count());
  for (const double rate : {1.0, 14.0, 100.0, 777.0}) {
    std::deque<UtcTime> window;
    UtcTime next = start;
    UtcTime now = start;
    std::int64_t calls = 0;
    std::size_t most = 0;
    for (; now < start + 30s; now += 5ms) {
      const SlotPlan plan = plan_slots(next, now, rate, 1'000);
      for (int i = 0; i < plan.count; ++i, ++calls) {
        const UtcTime called = slot_at(plan, rate, i) + std::chrono::microseconds{late_us(random)};
        window.push_back(called);
        std::sort(window.begin(), window.end());
        while (window.front() + 1s <= window.back()) window.pop_front();
        most = std::max(most, window.size());
      }
      if (plan.count > 0) next = slot_at(plan, rate, plan.count);
    }
    INFO("rate " << rate);
    CHECK(static_cast<double>(most) <= rate);
    CHECK(static_cast<double>(calls) >= 30 * rate * 0.97);
  }
}
