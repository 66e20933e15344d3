#include "billing-ingest/core/amount.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace carillon::billing;

TEST_CASE("billing amounts: currencies have two, no or three decimals") {
  CHECK(to_text(Amount{4900, "eur"}) == "49.00 EUR");
  CHECK(to_text(Amount{5, "usd"}) == "0.05 USD");
  CHECK(to_text(Amount{0, "USD"}) == "0.00 USD");
  CHECK(to_text(Amount{4900, "jpy"}) == "4900 JPY");
  CHECK(to_text(Amount{0, "JPY"}) == "0 JPY");
  CHECK(to_text(Amount{1, "kwd"}) == "0.001 KWD");
  CHECK(to_text(Amount{1234, "BHD"}) == "1.234 BHD");
  CHECK(to_text(Amount{1000, "TND"}) == "1.000 TND");
}

TEST_CASE("billing amounts: what Stripe counts in hundredths of a currency without any is shown whole") {
  CHECK(to_text(Amount{500, "isk"}) == "5 ISK");
  CHECK(to_text(Amount{150, "ugx"}) == "1.50 UGX");  // Stripe would not send it; nothing is hidden
}

TEST_CASE("billing amounts: at their edges nothing is rounded and nothing runs over") {
  CHECK(to_text(Amount{-5, "usd"}) == "-0.05 USD");
  CHECK(to_text(Amount{-123456, "usd"}) == "-1234.56 USD");
  CHECK(to_text(Amount{99'999'999, "usd"}) == "999999.99 USD");
  CHECK(to_text(Amount{std::numeric_limits<std::int64_t>::max(), "usd"}) == "92233720368547758.07 USD");
  CHECK(to_text(Amount{std::numeric_limits<std::int64_t>::min(), "usd"}) == "-92233720368547758.08 USD");
  CHECK(to_text(Amount{std::numeric_limits<std::int64_t>::min(), "jpy"}) == "-9223372036854775808 JPY");
}

TEST_CASE("billing amounts: without a currency of three letters there is no text") {
  for (const char* currency : {"", "e", "euro", "e1r", "€"}) CHECK(to_text(Amount{100, currency}).empty());
}
