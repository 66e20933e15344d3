#include "provider-dispatcher/core/retry_schedule.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace carillon::dispatcher;
using carillon::events::Channel;
using namespace std::chrono_literals;

TEST_CASE("retry: e-mail is retried after 30 s, 2 min and 10 min, then no more") {
  CHECK(retry_pause(Channel::EMAIL, 1, 0, {}) == 30s);
  CHECK(retry_pause(Channel::EMAIL, 2, 0, {}) == 2min);
  CHECK(retry_pause(Channel::EMAIL, 3, 0, {}) == 10min);
  CHECK_FALSE(retry_pause(Channel::EMAIL, 4, 0, {}).has_value());
}

TEST_CASE("retry: SMS is retried twice, one minute apart") {
  CHECK(retry_pause(Channel::SMS, 1, 0, {}) == 1min);
  CHECK(retry_pause(Channel::SMS, 2, 0, {}) == 1min);
  CHECK_FALSE(retry_pause(Channel::SMS, 3, 0, {}).has_value());
}

TEST_CASE("retry: jitter stays within ten per cent and reaches both ends") {
  CHECK(retry_pause(Channel::EMAIL, 1, -1, {}) == 27s);
  CHECK(retry_pause(Channel::EMAIL, 1, 1, {}) == 33s);
  CHECK(retry_pause(Channel::EMAIL, 1, 99, {}) == 33s);
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> jitter(-1, 1);
  for (int i = 0; i < 1'000; ++i) {
    const auto pause = *retry_pause(Channel::EMAIL, 2, jitter(random), {});
    CHECK((pause >= 108s && pause <= 132s));
  }
}

TEST_CASE("retry: a longer Retry-After is honoured, a shorter one is not, and 15 min is the most") {
  CHECK(retry_pause(Channel::EMAIL, 1, 0, 90s) == 90s);
  CHECK(retry_pause(Channel::EMAIL, 1, 0, 5s) == 30s);
  CHECK(retry_pause(Channel::EMAIL, 1, 0, 24h) == 15min);
}

TEST_CASE("retry: a round before the first has no pause") {
  CHECK_FALSE(retry_pause(Channel::EMAIL, 0, 0, {}).has_value());
}
