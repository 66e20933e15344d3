#include "health-aggregator/core/erasure_order.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::health;
using events::Channel;

TEST_CASE("erasure order: the channel follows from what the recipient is") {
  const auto mail = read_erasure_order(R"({"recipient":"Ann@EXAMPLE.com"})");
  REQUIRE(mail);
  CHECK(mail->channel == Channel::EMAIL);
  CHECK(mail->recipient == "Ann@example.com");
  CHECK(mail->reason == "REQUESTED");
  CHECK(read_erasure_order(R"({"recipient":"+447700900123","channel":"SMS"})")->channel == Channel::SMS);
  CHECK(read_erasure_order(R"({"recipient":"https://hooks.slack.com/services/T0/B0/x"})")->channel == Channel::SLACK);
  CHECK(read_erasure_order(R"({"recipient":"ann@example.com","reason":"LAW_17"})")->reason == "LAW_17");
}

TEST_CASE("erasure order: what is wrong is named by its field, and the recipient is never repeated") {
  const auto refused = [](const char* json) {
    const auto order = read_erasure_order(json);
    REQUIRE_FALSE(order);
    CHECK(order.error().detail.find("ann@") == std::string::npos);
    return order.error().detail.substr(0, order.error().detail.find(':'));
  };
  CHECK(refused("[]") == "body");
  CHECK(refused("{") == "body");
  CHECK(refused("{}") == "recipient");
  CHECK(refused(R"({"recipient":"ann"})") == "recipient");
  CHECK(refused(R"({"recipient":7})") == "recipient");
  CHECK(refused(R"({"recipient":"ann@example.com","channel":"SMS"})") == "channel");
  CHECK(refused(R"({"recipient":"ann@example.com","channel":"FAX"})") == "channel");
  CHECK(refused(R"({"recipient":"ann@example.com","reason":"because ann said so"})") == "reason");
  CHECK(refused(R"({"recipient":"ann@example.com","colour":"red"})") == "body");
  CHECK(refused(R"({"recipient":"ann@example.com","recipient":"ann@example.com"})") == "recipient");
}
