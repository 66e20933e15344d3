#include "provisioning/core/login_limits.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::provisioning;
using namespace std::chrono_literals;

namespace {
const UtcTime start = from_unix_micros(1'790'000'000'000'000 / 3'600'000'000 * 3'600'000'000);  // a whole hour
}

TEST_CASE("login limits: the tries a limit allows go on, the next waits for the window's end at most") {
  const RateLimit limit{3, 1h};
  CHECK_FALSE(wait_after({start, 3, 0}, limit, start + 10min));
  CHECK(wait_after({start, 4, 0}, limit, start + 10min) == 50min);
  CHECK(wait_after({start, 4, 0}, limit, start + 1h) == 1s);
}

TEST_CASE("login limits: tries of the window before weigh as much as of it is still in sight") {
  const RateLimit limit{4, 1h};
  CHECK(wait_after({start, 1, 4}, limit, start + 5min));
  CHECK_FALSE(wait_after({start, 1, 4}, limit, start + 30min));
}

TEST_CASE("login limits: a limit of 0 is none") {
  CHECK_FALSE(wait_after({start, 1'000'000, 0}, {0, 1h}, start));
}
