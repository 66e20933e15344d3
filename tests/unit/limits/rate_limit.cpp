#include "limits/rate_limit.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;

TEST_CASE("rate limit: a count and a time in seconds, minutes or hours") {
  const auto limit = parse_rate_limit("3/30m");
  REQUIRE(limit);
  CHECK(limit->count == 3);
  CHECK(limit->window == 30min);
  CHECK(parse_rate_limit("1/45s")->window == 45s);
  CHECK(parse_rate_limit("1000000/24h")->window == 24h);
}

TEST_CASE("rate limit: 0 is none, and nothing else is taken for one") {
  CHECK(parse_rate_limit("0")->count == 0);
  for (const char* bad : {"", "3", "3/", "/30m", "3/m", "0/30m", "-1/30m", "3/0m", "3/30", "3/30d", "3/25h", "3/30m ",
                          " 3/30m", "1000001/1h", "3/99999999999999999999h", "3/1e2m"}) {
    INFO(bad);
    REQUIRE_FALSE(parse_rate_limit(bad));
    CHECK(parse_rate_limit(bad).error().code == "INVALID_RATE");
  }
}
