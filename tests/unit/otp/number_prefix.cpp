#include "otp/core/number_prefix.hpp"

#include <catch2/catch.hpp>

using namespace carillon::otp;

TEST_CASE("number prefix: all but the last four digits; of an e-mail address none") {
  CHECK(number_prefix("+447700900123") == "+44770090");
  CHECK(number_prefix("ann@example.com").empty());
}
