#include "values/money.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace carillon;

TEST_CASE("money: amounts are read exactly, to the millionth of a dollar") {
  CHECK(parse_usd("100")->micros == 100'000'000);
  CHECK(parse_usd("100.00")->micros == 100'000'000);
  CHECK(parse_usd("0.00645")->micros == 6'450);
  CHECK(parse_usd("0.000001")->micros == 1);
  CHECK(parse_usd("0")->micros == 0);
  CHECK(parse_usd("999999999.999999")->micros == 999'999'999'999'999);
}

TEST_CASE("money: what is no amount, or finer or larger than can be kept, is refused") {
  for (const char* text : {"", ".", "1.", ".5", "-1", "+1", " 1", "1 ", "1,5", "1e3", "0x1", "1.2.3", "0.0000001",
                           "1000000000", "USD 1", "1.5\n"}) {
    INFO(text);
    const auto amount = parse_usd(text);
    REQUIRE_FALSE(amount);
    CHECK(amount.error().code == "INVALID_AMOUNT");
  }
}

TEST_CASE("money: amounts are written with two decimals, and further ones as needed") {
  CHECK(to_text(MicroUsd{}) == "0.00");
  CHECK(to_text(MicroUsd{122'550'000}) == "122.55");
  CHECK(to_text(MicroUsd{100'000'000}) == "100.00");
  CHECK(to_text(MicroUsd{7'500}) == "0.0075");
  CHECK(to_text(MicroUsd{1}) == "0.000001");
  CHECK(to_text(MicroUsd{-1'500'000}) == "-1.50");
  CHECK(to_text(MicroUsd{std::numeric_limits<std::int64_t>::min()}) == "-9223372036854.775808");
}

TEST_CASE("money: a price times units is exact, and stops at the largest amount") {
  CHECK(*parse_usd("0.0075") * 20'000 == *parse_usd("150"));
  CHECK(*parse_usd("0.00645") * 19'000 == *parse_usd("122.55"));
  constexpr MicroUsd most{std::numeric_limits<std::int64_t>::max()};
  CHECK(MicroUsd{2} * std::numeric_limits<std::int64_t>::max() == most);
  CHECK(most + MicroUsd{1} == most);
}
