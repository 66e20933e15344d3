#include "values/result.hpp"

#include <catch2/catch.hpp>
#include <memory>

using namespace carillon;

TEST_CASE("result: holds a value or a failure, and asking for the other one throws") {
  Result<int> good = 7;
  CHECK(good.ok());
  CHECK(*good == 7);
  CHECK_THROWS_AS(good.error(), std::bad_variant_access);
  const Result<int> bad = Failure{"NO_LUCK", "try again"};
  CHECK_FALSE(bad);
  CHECK(bad.error().code == "NO_LUCK");
  CHECK_THROWS_AS(bad.value(), std::bad_variant_access);
}

TEST_CASE("result: a value that can only be moved comes out by moving") {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(3);
  const std::unique_ptr<int> taken = std::move(made).value();
  CHECK(*taken == 3);
}
