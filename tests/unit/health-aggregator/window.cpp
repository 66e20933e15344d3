#include "health-aggregator/core/window.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::health;

namespace {
UtcTime at(const char* text) {
  return from_rfc3339(text).value();
}
}  // namespace

TEST_CASE("window: sixty minutes end with the current minute, which counts") {
  CHECK(minutes_window(at("2026-03-01T12:34:56.789Z"), 60) ==
        Window{at("2026-03-01T11:35:00Z"), at("2026-03-01T12:35:00Z")});
}

TEST_CASE("window: at a full minute the new minute is the current one") {
  CHECK(minutes_window(at("2026-03-01T12:34:00Z"), 1) ==
        Window{at("2026-03-01T12:34:00Z"), at("2026-03-01T12:35:00Z")});
  CHECK(minutes_window(at("2026-03-01T12:33:59.999999Z"), 1) ==
        Window{at("2026-03-01T12:33:00Z"), at("2026-03-01T12:34:00Z")});
}

TEST_CASE("window: its whole hours leave the minutes at both ends") {
  CHECK(whole_hours({at("2026-03-01T11:35:00Z"), at("2026-03-01T14:05:00Z")}) ==
        Window{at("2026-03-01T12:00:00Z"), at("2026-03-01T14:00:00Z")});
  CHECK(whole_hours({at("2026-03-01T11:00:00Z"), at("2026-03-01T13:00:00Z")}) ==
        Window{at("2026-03-01T11:00:00Z"), at("2026-03-01T13:00:00Z")});
}

TEST_CASE("window: without a whole hour there is none, and all minutes come before it") {
  const UtcTime end = at("2026-03-01T12:59:00Z");
  CHECK(whole_hours({at("2026-03-01T11:01:00Z"), end}) == Window{end, end});
  CHECK(whole_hours({at("2026-03-01T12:58:00Z"), end}) == Window{end, end});
}

TEST_CASE("buckets: quarters of an hour start at the quarters") {
  const auto series = buckets(at("2026-03-01T12:34:56Z"), 240, 15);
  REQUIRE(series);
  CHECK(series->count == 16);
  CHECK(series->window == Window{at("2026-03-01T08:45:00Z"), at("2026-03-01T12:45:00Z")});
  CHECK(series->start_of(0) == at("2026-03-01T08:45:00Z"));
  CHECK(series->start_of(15) == at("2026-03-01T12:30:00Z"));
}

TEST_CASE("buckets: a window that is no multiple of the bucket is covered whole") {
  const auto series = buckets(at("2026-03-01T12:00:00Z"), 50, 20);
  REQUIRE(series);
  CHECK(series->count == 3);
  CHECK(series->window == Window{at("2026-03-01T11:20:00Z"), at("2026-03-01T12:20:00Z")});
}

TEST_CASE("buckets: wider than the window, or too many points, is refused by name") {
  const auto wide = buckets(at("2026-03-01T12:00:00Z"), 10, 15);
  REQUIRE_FALSE(wide);
  CHECK(wide.error().detail.starts_with("bucket_minutes: "));
  CHECK(buckets(at("2026-03-01T12:00:00Z"), series_points_max, 1));
  const auto many = buckets(at("2026-03-01T12:00:00Z"), series_points_max + 1, 1);
  REQUIRE_FALSE(many);
  CHECK(many.error().detail.starts_with("bucket_minutes: "));
}
