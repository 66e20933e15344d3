// The Kafka engine against the suite that every engine has to pass.
#include "bus/testing/conformance.hpp"
#include "conformance/kafka/harness.hpp"

namespace {

std::unique_ptr<carillon::bus::testing::Harness> kafka() {
  return std::make_unique<carillon::bus::testing::KafkaHarness>();
}

}  // namespace

CARILLON_BUS_CONFORMANCE("kafka", kafka)

TEST_CASE("child consumer on kafka", "[.][child]") {
  const auto harness = kafka();
  carillon::bus::testing::run_child(*harness);
}
