#include "provider-dispatcher/adapters/health_routes.hpp"

#include <catch2/catch.hpp>

using namespace carillon::dispatcher;
using carillon::events::Channel;

namespace {

class NamedProvider final : public Provider {
 public:
  NamedProvider(std::string name, Channel channel, bool configured)
      : name_(std::move(name)), channel_(channel), configured_(configured) {}
  std::string_view name() const override { return name_; }
  Channel channel() const override { return channel_; }
  bool configured() const override { return configured_; }
  std::string missing_settings() const override { return configured_ ? "" : "SMTP_HOST"; }
  double rate_per_second() const override { return 0; }
  int concurrency_max() const override { return 4; }
  void send(const OutboundMessage&, carillon::UtcTime, std::function<void(Outcome)> done) override { done({}); }

 private:
  std::string name_;
  Channel channel_;
  bool configured_;
};

}  // namespace

TEST_CASE("health: roles are PRIMARY, SECONDARY, and TERTIARY from the third on") {
  CHECK(role_name(0) == "PRIMARY");
  CHECK(role_name(1) == "SECONDARY");
  CHECK(role_name(2) == "TERTIARY");
  CHECK(role_name(3) == "TERTIARY");
  CHECK(role_name(-1).empty());
}

TEST_CASE("health: each provider shows position, settings, breaker and what is pending") {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<NamedProvider>("postmark", Channel::EMAIL, true));
  providers.push_back(std::make_unique<NamedProvider>("smtp", Channel::EMAIL, false));
  providers.push_back(std::make_unique<NamedProvider>("twilio", Channel::SMS, true));
  const Roster roster(std::move(providers), {{"postmark", "smtp"}, {"twilio"}, {}, false});
  std::vector<Breaker> breakers(3);
  breakers[0].state = BreakerState::OPEN;
  breakers[0].consecutive_failures = 5;
  breakers[0].last_error = "TIMEOUT: \"slow\"";
  const std::string json = messaging_health_json(roster, breakers, {{"postmark", pending_store::State::HELD, 3}});
  CHECK(
      json ==
      "{\"channels\":[{\"channel\":\"EMAIL\",\"enabled\":true,\"configured\":true,\"providers\":["
      "{\"provider\":\"postmark\",\"position\":0,\"role\":\"PRIMARY\",\"configured\":true,\"missing_settings\":\"\","
      "\"breaker\":\"OPEN\","
      "\"consecutive_failures\":5,\"last_error\":\"TIMEOUT: \\\"slow\\\"\",\"waiting\":0,\"claimed\":0,\"held\":3},"
      "{\"provider\":\"smtp\",\"position\":1,\"role\":\"SECONDARY\",\"configured\":false,\"missing_settings\":\"SMTP_"
      "HOST\","
      "\"breaker\":\"CLOSED\",\"consecutive_failures\":0,\"last_error\":\"\",\"waiting\":0,\"claimed\":0,\"held\":0}]},"
      "{\"channel\":\"SMS\",\"enabled\":false,\"configured\":false,\"providers\":["
      "{\"provider\":\"twilio\",\"position\":0,\"role\":\"PRIMARY\",\"configured\":true,\"missing_settings\":\"\","
      "\"breaker\":\"CLOSED\","
      "\"consecutive_failures\":0,\"last_error\":\"\",\"waiting\":0,\"claimed\":0,\"held\":0}]}],\"waiting_without_"
      "provider\":0}");
}

TEST_CASE("roster: with SMS_ENABLED=false no SMS provider may be called") {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<NamedProvider>("twilio", Channel::SMS, true));
  const Roster off(std::move(providers), {{}, {"twilio"}, {}, false});
  CHECK_FALSE(off.any_configured(Channel::SMS));
  CHECK(off[0].has_settings);
  CHECK_FALSE(off[0].channel_enabled);
}
