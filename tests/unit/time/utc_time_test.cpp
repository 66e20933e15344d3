#include "time/utc_time.hpp"

#include <catch2/catch.hpp>

#include "time/clock.hpp"
#include "time/testing/manual_clock.hpp"

using namespace carillon;
using namespace std::chrono_literals;

namespace {
constexpr std::int64_t first_micros = -62'135'596'800'000'000;  // 0001-01-01T00:00:00Z
constexpr std::int64_t last_micros = 253'402'300'799'999'999;   // 9999-12-31T23:59:59.999999Z
}  // namespace

TEST_CASE("rfc 3339: times are written in UTC with microseconds") {
  CHECK(to_rfc3339(from_unix_micros(0)) == "1970-01-01T00:00:00.000000Z");
  CHECK(to_rfc3339(from_unix_micros(-1)) == "1969-12-31T23:59:59.999999Z");
  CHECK(to_rfc3339(from_unix_micros(1'769'903'999'000'001)) == "2026-01-31T23:59:59.000001Z");
  CHECK(to_rfc3339(from_unix_micros(951'782'400'000'000)) == "2000-02-29T00:00:00.000000Z");
}

TEST_CASE("rfc 3339: times beyond the years 0001 to 9999 are written as the ends of that range") {
  CHECK(to_rfc3339(from_unix_micros(first_micros)) == "0001-01-01T00:00:00.000000Z");
  CHECK(to_rfc3339(from_unix_micros(first_micros - 1)) == "0001-01-01T00:00:00.000000Z");
  CHECK(to_rfc3339(from_unix_micros(last_micros)) == "9999-12-31T23:59:59.999999Z");
  CHECK(to_rfc3339(from_unix_micros(last_micros + 1)) == "9999-12-31T23:59:59.999999Z");
  CHECK(to_rfc3339(UtcTime::max()) == "9999-12-31T23:59:59.999999Z");
  CHECK(to_rfc3339(UtcTime::min()) == "0001-01-01T00:00:00.000000Z");
}

TEST_CASE("rfc 3339: appending keeps what is there") {
  std::string out = "at ";
  append_rfc3339(out, from_unix_micros(0));
  CHECK(out == "at 1970-01-01T00:00:00.000000Z");
}

TEST_CASE("rfc 3339: every valid form is read") {
  const auto micros = [](std::string_view text) { return unix_micros(from_rfc3339(text).value()); };
  CHECK(micros("1970-01-01T00:00:00Z") == 0);
  CHECK(micros("1970-01-01t00:00:00z") == 0);
  CHECK(micros("1970-01-01T00:00:00.5Z") == 500'000);
  CHECK(micros("1970-01-01T00:00:00.000001Z") == 1);
  CHECK(micros("1970-01-01T00:00:00.000000999Z") == 0);
  CHECK(micros("1970-01-01T05:30:00+05:30") == 0);
  CHECK(micros("1969-12-31T19:00:00-05:00") == 0);
  CHECK(micros("1970-01-01T00:00:00-00:00") == 0);
  CHECK(micros("1970-01-01T23:59:00+23:59") == 0);
  CHECK(micros("2024-02-29T12:00:00Z") == 1'709'208'000'000'000);
  CHECK(micros("0001-01-01T00:00:00Z") == first_micros);
  CHECK(micros("9999-12-31T23:59:59.999999999Z") == last_micros);
}

TEST_CASE("rfc 3339: a leap second is the first second of the next UTC day and exists nowhere else") {
  CHECK(from_rfc3339("2016-12-31T23:59:60Z") == from_rfc3339("2017-01-01T00:00:00Z"));
  CHECK(from_rfc3339("2017-01-01T00:59:60+01:00") == from_rfc3339("2017-01-01T00:00:00Z"));
  CHECK_FALSE(from_rfc3339("2016-12-31T23:58:60Z"));
  CHECK_FALSE(from_rfc3339("2016-12-31T23:59:60+01:00"));
  CHECK_FALSE(from_rfc3339("2016-12-31T23:59:61Z"));
}

TEST_CASE("rfc 3339: anything else is refused") {
  const auto text = GENERATE(
      as<std::string>{}, "", "Z", "2026-01-31", "2026-01-31T23:59:59", "2026-01-31 23:59:59Z", "2026-1-31T23:59:59Z",
      "2026-01-31T23:59Z", "2026-01-31T23:59:59.Z", "2026-01-31T23:59:59,5Z", "2026-01-31T23:59:59.0123456789Z",
      "2026-01-31T23:59:59.5", "2026-00-31T23:59:59Z", "2026-13-01T23:59:59Z", "2026-02-29T23:59:59Z",
      "2026-04-31T23:59:59Z", "2026-01-00T23:59:59Z", "2026-01-32T23:59:59Z", "2026-01-31T24:00:00Z",
      "2026-01-31T23:60:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
      "9999-12-31T23:59:60Z", "2026-01-31T23:59:59+24:00", "2026-01-31T23:59:59+01:60", "2026-01-31T23:59:59+0100",
      "2026-01-31T23:59:59+01", "2026-01-31T23:59:59Zx", " 2026-01-31T23:59:59Z", "2026-01-31T23:59:59Z ",
      "+026-01-31T23:59:59Z", "2026-01-31T-1:59:59Z", "2026/01/31T23:59:59Z", "2026-01-31T23.59.59Z");
  CAPTURE(text);
  CHECK_FALSE(from_rfc3339(text));
  CHECK_FALSE(from_rfc3339(std::string("2026-01-31T23:59:59\0Z", 21)));
}

TEST_CASE("rfc 3339: what is written is read back, over the whole range") {
  std::uint64_t state = 42;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    const auto span = static_cast<std::uint64_t>(last_micros - first_micros) + 1;
    const UtcTime time = from_unix_micros(first_micros + static_cast<std::int64_t>(state % span));
    const std::string text = to_rfc3339(time);
    INFO(text);
    REQUIRE(from_rfc3339(text) == time);
  }
}

TEST_CASE("utc time: a minute is floored also before 1970") {
  CHECK(floor_minute(from_unix_micros(119'999'999)) == from_unix_micros(60'000'000));
  CHECK(floor_minute(from_unix_micros(-1)) == from_unix_micros(-60'000'000));
}

TEST_CASE("manual clock: stands still until it is moved, and moves both clocks") {
  const testing::ManualClock start;
  testing::ManualClock clock;
  CHECK(clock.now() == start.now());
  clock.advance(90s);
  CHECK(clock.now() - start.now() == 90s);
  CHECK(clock.steady() - start.steady() == 90s);
}

TEST_CASE("system clock: reads the host's clock, and its steady time never goes back") {
  const SystemClock clock;
  const auto before = std::chrono::system_clock::now();
  CHECK(std::chrono::abs(clock.now() - before) < 1min);
  const SteadyTime first = clock.steady();
  CHECK(clock.steady() >= first);
}
