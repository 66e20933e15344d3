#include "health-aggregator/core/health_findings.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::health;
using namespace std::chrono_literals;
using events::Channel;

namespace {

ProviderFacts provider(const std::string& name, Channel channel, int position, const std::string& breaker = "CLOSED") {
  return {name, channel, true, position, breaker, {}};
}

HealthFacts busy_hour() {
  HealthFacts facts;
  facts.sent = 12'480;
  facts.failed = 41;
  facts.providers = {provider("postmark", Channel::EMAIL, 0), provider("ses", Channel::EMAIL, 1),
                     provider("sns", Channel::SMS, 0), provider("twilio", Channel::SMS, 1)};
  return facts;
}

std::string first_of(const HealthFacts& facts) {
  return health_findings(facts).front().text;
}

}  // namespace

TEST_CASE("health findings: an ordinary hour is well, in one sentence with its figures") {
  HealthFacts facts = busy_hour();
  CHECK(health_findings(facts) ==
        std::vector<Finding>{{Tone::WELL, "All well: 12,480 sent, 0.3 % failed, nothing waiting."}});
  facts.waiting = 3;
  facts.failed = 0;
  CHECK(first_of(facts) == "All well: 12,480 sent, none failed, 3 on their way.");
  facts.sent = facts.waiting = 0;
  CHECK(first_of(facts) == "All well: nothing was sent in the last 60 min, nothing waiting.");
  facts.window = 4h;
  CHECK(first_of(facts) == "All well: nothing was sent in the last 4 h, nothing waiting.");
}

TEST_CASE("health findings: an open head of a chain is failing over, and says to whom") {
  HealthFacts facts = busy_hour();
  facts.providers[2].breaker = "OPEN";
  facts.providers[2].open_for = 4min + 10s;
  CHECK(health_findings(facts) ==
        std::vector<Finding>{
            {Tone::NOTICE, "SMS is failing over: sns has been open for 4 min, twilio takes its messages."}});
  facts.providers[2].breaker = "HALF_OPEN";
  CHECK(health_findings(facts).front().tone == Tone::WELL);
}

TEST_CASE("health findings: a channel without any closed provider is down, which is worst") {
  HealthFacts facts = busy_hour();
  facts.held = 2;
  facts.providers[0].breaker = facts.providers[1].breaker = "OPEN";
  const auto findings = health_findings(facts);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0] ==
        Finding{Tone::WRONG, "E-mail is down: postmark and ses are open, and there is no other provider."});
  CHECK(findings[1] == Finding{Tone::NOTICE, "2 messages wait for a decision: nobody knows whether they went out."});
}

TEST_CASE("health findings: an open provider further down the chain is less in reserve") {
  HealthFacts facts = busy_hour();
  facts.providers[1].breaker = "OPEN";
  CHECK(first_of(facts) == "E-mail has less in reserve: ses is open.");
  facts.providers[1].is_usable = false;
  CHECK(health_findings(facts).front().tone == Tone::WELL);
}

TEST_CASE("health findings: many failures are noticed from the marks on, and name what fails most") {
  HealthFacts facts = busy_hour();
  facts.sent = 90;
  facts.failed = 9;
  CHECK(health_findings(facts).front().tone == Tone::WELL);
  facts.failed = 10;
  facts.most_failures = "PAYMENT_FAILED with MAILBOX_FULL";
  CHECK(health_findings(facts) ==
        std::vector<Finding>{{Tone::NOTICE,
                              "Many messages fail: 10 of 100 in the last 60 min (10 %), most of them PAYMENT_FAILED "
                              "with MAILBOX_FULL."}});
  facts.sent = 150;
  facts.failed = 50;
  CHECK(health_findings(facts).front().tone == Tone::WRONG);
}

TEST_CASE("health findings: from when on failures are many is the spike rule's to say") {
  HealthFacts facts = busy_hour();
  facts.sent = 90;
  facts.failed = 10;
  facts.spike.warn = {11, 10};
  CHECK(health_findings(facts).front().tone == Tone::WELL);
  facts.spike.warn = {10, 10};
  facts.spike.crit = {10, 10};
  CHECK(health_findings(facts).front().tone == Tone::WRONG);
}

TEST_CASE("health findings: what waits for long, what waits for a person, and figures that are behind") {
  HealthFacts facts = busy_hour();
  facts.waiting = 120;
  facts.oldest_waiting = 12min;
  CHECK(first_of(facts) == "120 messages wait, the oldest for 12 min.");
  facts.oldest_waiting = 4min;
  CHECK(health_findings(facts).front().tone == Tone::WELL);
  facts.waiting = 0;
  facts.held = 1;
  CHECK(first_of(facts) == "1 message waits for a decision: nobody knows whether it went out.");
  facts.held = 0;
  facts.dead_letters = 3;
  CHECK(first_of(facts) == "3 records could not be handled and lie among the dead letters.");
  facts.dead_letters = 0;
  facts.unread_for = 3min;
  CHECK(first_of(facts) == "These figures are 3 min behind: the message log is read too slowly.");
}

TEST_CASE("figures for people: thousands, percents that never round to all or nothing") {
  CHECK(number_text(0) == "0");
  CHECK(number_text(999) == "999");
  CHECK(number_text(1'000) == "1,000");
  CHECK(number_text(12'345'678) == "12,345,678");
  CHECK(percent_text(0) == "0.0 %");
  CHECK(percent_text(0.0001) == "< 0.1 %");
  CHECK(percent_text(0.0033) == "0.3 %");
  CHECK(percent_text(0.256) == "26 %");
  CHECK(percent_text(0.9999) == "99.9 %");
  CHECK(percent_text(1) == "100 %");
}
