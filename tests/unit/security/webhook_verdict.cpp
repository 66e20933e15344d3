#include "security/webhooks/verdict.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace carillon::security::webhooks {
namespace {

using std::chrono::seconds;

const UtcTime noon = *from_rfc3339("2026-03-06T12:00:00Z");

TEST_CASE("webhook verdict: each has the word of its name") {
  CHECK(word(Verdict::VALID) == "VALID");
  CHECK(word(Verdict::MISSING) == "MISSING");
  CHECK(word(Verdict::WRONG_CERTIFICATE_NAME) == "WRONG_CERTIFICATE_NAME");
}

TEST_CASE("webhook time: the tolerances include their ends, in whole seconds of our clock") {
  const seconds old{300}, ahead{60};
  CHECK(judge_time(noon, noon, old, ahead) == Verdict::VALID);
  CHECK(judge_time(noon, noon + seconds{300}, old, ahead) == Verdict::VALID);
  CHECK(judge_time(noon, noon + seconds{300} + std::chrono::milliseconds{999}, old, ahead) == Verdict::VALID);
  CHECK(judge_time(noon, noon + seconds{301}, old, ahead) == Verdict::TOO_OLD);
  CHECK(judge_time(noon, noon - seconds{60}, old, ahead) == Verdict::VALID);
  CHECK(judge_time(noon, noon - seconds{61}, old, ahead) == Verdict::TOO_NEW);
}

TEST_CASE("webhook time: a tolerance of nothing accepts the same second only") {
  CHECK(judge_time(noon, noon, seconds{0}, seconds{0}) == Verdict::VALID);
  CHECK(judge_time(noon, noon + seconds{1}, seconds{0}, seconds{0}) == Verdict::TOO_OLD);
  CHECK(judge_time(noon, noon - seconds{1}, seconds{0}, seconds{0}) == Verdict::TOO_NEW);
}

TEST_CASE("webhook time: unix seconds have one form") {
  CHECK(parse_unix_seconds("0") == UtcTime{});
  CHECK(parse_unix_seconds("1772798400") == noon);
  CHECK(parse_unix_seconds("253402300799") == from_rfc3339("9999-12-31T23:59:59Z"));
  CHECK(unix_seconds(noon + std::chrono::milliseconds{999}) == 1772798400);
  for (const std::string text :
       {"", " ", "-1", "+1", "01", "00", "1.5", "1e9", "0x10", " 1", "1 ", "1\n", "253402300800", "9223372036854775807",
        "9223372036854775808", "99999999999999999999999999", "١"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_unix_seconds(text));
  }
}

}  // namespace
}  // namespace carillon::security::webhooks
