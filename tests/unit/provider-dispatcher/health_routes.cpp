#include "provider-dispatcher/adapters/health_routes.hpp"

#include <catch2/catch.hpp>

#include "named_provider.hpp"

using namespace carillon::dispatcher;
using carillon::dispatcher::testing::NamedProvider;
using carillon::events::Channel;

TEST_CASE("health: roles are PRIMARY, SECONDARY, and TERTIARY from the third on") {
  CHECK(role_name(0) == "PRIMARY");
  CHECK(role_name(1) == "SECONDARY");
  CHECK(role_name(2) == "TERTIARY");
  CHECK(role_name(3) == "TERTIARY");
  CHECK(role_name(-1).empty());
}

TEST_CASE("health: each provider shows position, settings, breaker, how it answered and what is pending") {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<NamedProvider>("postmark", Channel::EMAIL, true));
  providers.push_back(std::make_unique<NamedProvider>("smtp", Channel::EMAIL, false));
  providers.push_back(std::make_unique<NamedProvider>("twilio", Channel::SMS, true));
  const Roster roster(std::move(providers), {{"postmark", "smtp"}, {"twilio"}, {}, false});
  std::vector<Breaker> breakers(3);
  breakers[0].state = BreakerState::OPEN;
  breakers[0].consecutive_failures = 5;
  breakers[0].last_error = "TIMEOUT: \"slow\"";
  const carillon::UtcTime failed_at = *carillon::from_rfc3339("2026-11-30T12:04:05Z");
  const CallFigures::ByProvider calls{{"postmark", {3, 1, 100, 70, failed_at}}};
  const std::string json = messaging_health_json(roster, breakers, {{"postmark", pending_store::State::HELD, 3}}, calls,
                                                 {false, false, true});
  const std::string no_calls =
      R"("calls":0,"failures":0,"success_rate":null,"latency_ms_mean":null,"latency_ms_max":null,"last_error_at":null,)";
  const std::string receipts = R"("receipts_expected":false,"degraded":"",)";
  CHECK(json ==
        R"({"channels":[{"channel":"EMAIL","enabled":true,"configured":true,"providers":[)"
        R"({"provider":"postmark","position":0,"role":"PRIMARY","configured":true,"missing_settings":"",)"
        R"("breaker":"OPEN","consecutive_failures":5,"last_error":"TIMEOUT: \"slow\"",)"
        R"("calls":3,"failures":1,"success_rate":0.6666,"latency_ms_mean":33,"latency_ms_max":70,)"
        R"("last_error_at":"2026-11-30T12:04:05.000000Z","limit_reached":false,)" +
            receipts +
            R"("waiting":0,"claimed":0,"held":3},)"
            R"({"provider":"smtp","position":1,"role":"SECONDARY","configured":false,"missing_settings":"SMTP_HOST",)"
            R"("breaker":"CLOSED","consecutive_failures":0,"last_error":"",)" +
            no_calls + R"("limit_reached":false,)" + receipts +
            R"("waiting":0,"claimed":0,"held":0}]},)"
            R"({"channel":"SMS","enabled":false,"configured":false,"providers":[)"
            R"({"provider":"twilio","position":0,"role":"PRIMARY","configured":true,"missing_settings":"",)"
            R"("breaker":"CLOSED","consecutive_failures":0,"last_error":"",)" +
            no_calls + R"("limit_reached":true,)" + receipts +
            R"("waiting":0,"claimed":0,"held":0}]}],"waiting_without_provider":0})");
}

TEST_CASE("roster: with SMS_ENABLED=false no SMS provider may be called") {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<NamedProvider>("twilio", Channel::SMS, true));
  const Roster off(std::move(providers), {{}, {"twilio"}, {}, false});
  CHECK_FALSE(off.any_configured(Channel::SMS));
  CHECK(off[0].has_settings);
  CHECK_FALSE(off[0].channel_enabled);
}
