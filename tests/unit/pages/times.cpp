#include "pages/times.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::pages;
using namespace std::chrono_literals;

TEST_CASE("page times: relative for the eye, rounded down, what is to come says so") {
  const UtcTime now = *from_rfc3339("2026-03-04T05:06:07.5Z");
  CHECK(ago(now, now) == "just now");
  CHECK(ago(now - 4s, now) == "just now");
  CHECK(ago(now - 59s, now) == "59 s ago");
  CHECK(ago(now - 119s, now) == "1 min ago");
  CHECK(ago(now - 119min, now) == "1 h ago");
  CHECK(ago(now - 47h, now) == "1 d ago");
  CHECK(ago(now + 10min, now) == "in 10 min");
  CHECK(span_text(0s) == "0 s");
}

TEST_CASE("page times: the exact time is on hover, for machines, and in what is copied") {
  const UtcTime at = *from_rfc3339("2026-03-04T05:06:07.123456Z");
  const std::string tag = time_tag(at, at + 90s);
  CHECK(tag.find(R"(datetime="2026-03-04T05:06:07.123456Z")") != std::string::npos);
  CHECK(tag.find(R"(title="2026-03-04 05:06:07 UTC")") != std::string::npos);
  CHECK(tag.find("1 min ago<span") != std::string::npos);
  CHECK(tag.find("(2026-03-04 05:06:07 UTC)</span>") != std::string::npos);
}
