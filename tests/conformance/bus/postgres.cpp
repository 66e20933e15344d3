// The PostgreSQL engine against the suite that every engine has to pass.
#include "bus/testing/conformance.hpp"
#include "conformance/bus/postgres_harness.hpp"

namespace {

std::unique_ptr<carillon::bus::testing::Harness> postgres() {
  return std::make_unique<carillon::bus::testing::PostgresHarness>();
}

}  // namespace

CARILLON_BUS_CONFORMANCE("postgres", postgres)

TEST_CASE("child consumer", "[.][child]") {
  const auto harness = postgres();
  carillon::bus::testing::run_child(*harness);
}
