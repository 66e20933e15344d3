// Thousands of messages through the pure core, with random outcomes, policies, breakers and process deaths, by seed.
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "provider-dispatcher/core/breaker.hpp"
#include "provider-dispatcher/core/next_step.hpp"
#include "provider-dispatcher/core/retry_schedule.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace std::chrono_literals;

namespace {

const UtcTime start = from_unix_micros(1'790'000'000'000'000);

struct Message {
  events::Channel channel = events::Channel::EMAIL;
  events::UnconfirmedPolicy policy = events::UnconfirmedPolicy::HOLD;
  std::vector<std::string> tried;
  std::string provider;
  UtcTime due_at = start;
  std::optional<UtcTime> expires_at;
  int round = 1;
  bool extra_call = false;
  std::vector<Step> ends;
  std::map<int, std::multiset<std::string>> called;  // by round
  int unconfirmed_calls = 0;
};

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  void run(std::size_t messages) {
    for (std::size_t i = 0; i < messages; ++i) messages_.push_back(new_message());
    while (now_ < start + 4h && step_all()) now_ += 7s;
  }

  const std::vector<Message>& messages() const { return messages_; }
  int calls_at_open_breaker() const { return calls_at_open_breaker_; }

 private:
  double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  Message new_message() {
    Message message;
    message.channel = chance() < 0.5 ? events::Channel::EMAIL : events::Channel::SMS;
    message.policy = chance() < 0.5 ? events::UnconfirmedPolicy::HOLD : events::UnconfirmedPolicy::RESEND;
    if (chance() < 0.1) message.expires_at = start + std::chrono::seconds{static_cast<int>(chance() * 900)};
    message.due_at = start + std::chrono::seconds{static_cast<int>(chance() * 600)};
    message.provider = head_of(links(message.channel));
    return message;
  }

  std::vector<Link> links(events::Channel channel) {
    std::vector<Link> chain;
    for (const char* name : channel == events::Channel::EMAIL ? email_ : sms_)
      chain.push_back({name, true, gate_of(breakers_[name], now_)});
    return chain;
  }

  Outcome random_outcome() {
    Outcome outcome;
    const double c = chance();
    const double bad = failing_ ? 0.9 : 0.3;
    if (c > bad) {
      outcome.kind = OutcomeKind::ACCEPTED;
    } else if (c < bad * 0.1) {
      outcome.kind = OutcomeKind::REJECTED;
      outcome.reason = Reason::RECIPIENT_REJECTED;
    } else if (c < bad * 0.3) {
      outcome.kind = OutcomeKind::UNCONFIRMED;
      outcome.reason = chance() < 0.3 ? Reason::PROCESS_DIED : Reason::NO_ANSWER;
    } else {
      outcome.kind = c < bad * 0.5 ? OutcomeKind::ACCOUNT : OutcomeKind::TRANSIENT;
      outcome.reason = Reason::PROVIDER_ERROR;
      if (chance() < 0.2) outcome.retry_after = std::chrono::seconds{static_cast<int>(chance() * 3'000)};
    }
    return outcome;
  }

  bool step_all() {
    failing_ = chance() < 0.4;
    bool open = false;
    for (Message& message : messages_) {
      if (!message.ends.empty()) continue;
      open = true;
      if (message.due_at <= now_) step(message);
    }
    return open;
  }

  void step(Message& message) {
    if (message.expires_at && *message.expires_at <= now_) return message.ends.push_back(Step::EXPIRED);
    const auto chain = links(message.channel);
    Breaker& breaker = breakers_[message.provider];
    bool trial = false;
    if (gate_of(breaker, now_) != Gate::PASS) {
      trial = grant_trial(breaker, 1, now_);
      if (!trial) return wait_elsewhere(message, chain);
    }
    if (breaker.state == BreakerState::OPEN) ++calls_at_open_breaker_;
    message.called[message.round].insert(message.provider);
    const Outcome outcome = random_outcome();
    if (outcome.kind == OutcomeKind::UNCONFIRMED) ++message.unconfirmed_calls;
    record_outcome(breaker, outcome, trial, now_);
    apply(message, outcome);
  }

  // As the claimer does: to a provider that passes, or, in the middle of a round, to the next round.
  void wait_elsewhere(Message& message, const std::vector<Link>& chain) {
    const auto other = choose_provider(chain, message.tried);
    if (other && chain[*other].gate == Gate::PASS) {
      message.provider = chain[*other].provider;
    } else if (!message.tried.empty() && gate_of(breakers_[message.provider], now_) == Gate::SHUT) {
      Outcome nobody;
      nobody.kind = OutcomeKind::TRANSIENT;
      nobody.reason = Reason::NO_PROVIDER;
      apply(message, nobody);
    }
  }

  void apply(Message& message, const Outcome& outcome) {
    auto tried = message.tried;
    if (std::find(tried.begin(), tried.end(), message.provider) == tried.end()) tried.push_back(message.provider);
    const Standing standing{message.channel, message.policy, message.round, tried, message.extra_call};
    const NextStep next = next_step(standing, outcome, links(message.channel), now_, chance() * 2 - 1);
    if (next.final() || next.step == Step::HELD) return message.ends.push_back(next.step);
    message.tried = next.step == Step::FAILOVER ? tried : std::vector<std::string>{};
    message.provider = next.provider;
    message.round = next.round;
    message.due_at = next.due_at;
    message.extra_call = next.extra_call;
  }

  std::mt19937_64 random_;
  UtcTime now_ = start;
  bool failing_ = false;
  int calls_at_open_breaker_ = 0;
  std::vector<const char*> email_{"postmark", "ses", "smtp"};
  std::vector<const char*> sms_{"twilio", "console"};
  std::map<std::string, Breaker> breakers_;
  std::vector<Message> messages_;
};

}  // namespace

TEST_CASE("delivery simulation: every message ends exactly once and each provider is called at most once a round") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 41));
  INFO("seed " << seed);
  World world(seed);
  world.run(250);
  CHECK(world.calls_at_open_breaker() == 0);
  for (const Message& message : world.messages()) {
    REQUIRE(message.ends.size() == 1);
    const int rounds_max = message.channel == events::Channel::EMAIL ? 4 : 3;
    REQUIRE(message.round <= rounds_max);
    for (const auto& [round, called] : message.called) {
      for (const std::string& provider : called) REQUIRE(called.count(provider) == 1);
    }
    if (message.policy == events::UnconfirmedPolicy::HOLD) REQUIRE(message.unconfirmed_calls <= 1);
    if (message.unconfirmed_calls > 0 && message.policy == events::UnconfirmedPolicy::HOLD)
      REQUIRE(message.ends.front() == Step::HELD);
  }
}

TEST_CASE("delivery simulation: the same seed gives the same history") {
  World a(99), b(99);
  a.run(300);
  b.run(300);
  for (std::size_t i = 0; i < a.messages().size(); ++i) {
    REQUIRE(a.messages()[i].ends == b.messages()[i].ends);
    REQUIRE(a.messages()[i].called == b.messages()[i].called);
  }
}
