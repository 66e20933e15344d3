#include "billing-ingest/core/mail_dates.hpp"

#include <catch2/catch.hpp>

#include "billing-ingest/core/retry_pause.hpp"

using namespace carillon;
using namespace carillon::billing;
using namespace std::chrono_literals;

TEST_CASE("billing dates: as people read them, in UTC") {
  const UtcTime last_of_january = *from_rfc3339("2027-01-31T23:59:59Z");
  CHECK(date_text(last_of_january, "") == "31 January 2027");
  CHECK(date_text(last_of_january, "en-GB") == "31 January 2027");
  CHECK(date_text(last_of_january, "de-AT") == "31. Januar 2027");
  CHECK(date_text(last_of_january, "den") == "31 January 2027");
  CHECK(date_text(*from_rfc3339("2028-02-29T00:00:00Z"), "de") == "29. Februar 2028");
}

TEST_CASE("billing retry: pauses grow to an hour, and there is a last try") {
  CHECK(retry_pause(1, 8) == 1s);
  CHECK(retry_pause(2, 8) == 4s);
  CHECK(retry_pause(3, 8) == 16s);
  CHECK(retry_pause(7, 8) == 3'600s);
  CHECK(retry_pause(19, 20) == 3'600s);
  CHECK_FALSE(retry_pause(8, 8));
  CHECK_FALSE(retry_pause(1, 1));
}
