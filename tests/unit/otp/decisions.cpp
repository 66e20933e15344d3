#include <catch2/catch.hpp>

#include "otp/core/check_decision.hpp"
#include "otp/core/code.hpp"
#include "otp/core/send_decision.hpp"

using namespace carillon;
using namespace carillon::otp;
using namespace std::chrono_literals;

namespace {

const UtcTime now = from_unix_micros(1'790'000'000'000'000);
constexpr const char* number = "+447700900123";

Challenge challenge(UtcTime issued_at, Action action = Action::PHONE_VERIFY) {
  return {"id", action, "mac", issued_at, issued_at + 600s};
}

RecipientState with_code(UtcTime issued_at = now) {
  RecipientState state;
  start_challenge(state, challenge(issued_at));
  return state;
}

}  // namespace

TEST_CASE("otp send: the fourth code within the window is refused, and goes out when the first is half an hour old") {
  const Rules rules;
  RecipientState state;
  for (int i = 0; i < 3; ++i) {
    CHECK(decide_send(state, number, {}, rules, now + i * 1min) == SendVerdict::SEND);
    start_challenge(state, challenge(now + i * 1min));
  }
  CHECK(decide_send(state, number, {}, rules, now + 3min) == SendVerdict::RECIPIENT_LIMIT);
  forget_past(state, rules, now + 30min - 1us);
  CHECK(decide_send(state, number, {}, rules, now + 30min - 1us) == SendVerdict::RECIPIENT_LIMIT);
  forget_past(state, rules, now + 30min);
  CHECK(decide_send(state, number, {}, rules, now + 30min) == SendVerdict::SEND);
}

TEST_CASE("otp send: within the cooldown there is no second code") {
  Rules rules;
  rules.resend_cooldown = 60s;
  const RecipientState state = with_code();
  CHECK(decide_send(state, number, {}, rules, now + 60s - 1us) == SendVerdict::RESEND_COOLDOWN);
  CHECK(decide_send(state, number, {}, rules, now + 60s) == SendVerdict::SEND);
}

TEST_CASE("otp send: a cooldown longer than the window holds all the same") {
  Rules rules;
  rules.resend_cooldown = 60s;
  rules.sends = GENERATE(RateLimit{}, RateLimit{3, 30s});
  RecipientState state = with_code();
  forget_past(state, rules, now + 60s - 1us);
  CHECK(decide_send(state, number, {}, rules, now + 60s - 1us) == SendVerdict::RESEND_COOLDOWN);
  forget_past(state, rules, now + 60s);
  CHECK(decide_send(state, number, {}, rules, now + 60s) == SendVerdict::SEND);
}

TEST_CASE("otp send: a lockout, a full address, a full prefix and a country that is not allowed refuse") {
  Rules rules;
  rules.sends_per_ip = {5, 3600s};
  rules.sends_per_prefix = {7, 3600s};
  const SlidingCount five{now, 5, 0}, seven{now, 7, 0}, none{now, 0, 0};
  CHECK(decide_send({}, number, {&five, &none}, rules, now) == SendVerdict::IP_LIMIT);
  CHECK(decide_send({}, number, {&none, &seven}, rules, now) == SendVerdict::PREFIX_LIMIT);
  CHECK(decide_send({}, number, {&none, &five}, rules, now) == SendVerdict::SEND);
  rules.sends_per_country = {5, 3600s};
  CHECK(decide_send({}, number, {&none, &none, &five}, rules, now) == SendVerdict::COUNTRY_LIMIT);
  RecipientState locked;
  locked.locked_until = now + 1us;
  CHECK(decide_send(locked, number, {}, rules, now) == SendVerdict::LOCKED_OUT);
  rules.allowed_countries = {"+49", "+43"};
  CHECK(decide_send({}, number, {}, rules, now) == SendVerdict::COUNTRY_NOT_ALLOWED);
  CHECK(decide_send({}, "ann@example.com", {}, rules, now) == SendVerdict::SEND);
  rules.allowed_countries = {"+49", "+4477"};
  CHECK(decide_send({}, number, {}, rules, now) == SendVerdict::SEND);
}

TEST_CASE("otp check: five wrong codes lock for a quarter of an hour, and its end forgives them") {
  const Rules rules;
  RecipientState state = with_code();
  for (int i = 1; i <= 5; ++i) {
    const Check check = check_code(state, Action::PHONE_VERIFY, false, false, rules, now);
    CHECK(check.verdict == CheckVerdict::WRONG);
    CHECK(check.locks == (i == 5));
  }
  CHECK(check_code(state, Action::PHONE_VERIFY, true, false, rules, now).verdict == CheckVerdict::LOCKED_OUT);
  forget_past(state, rules, now + 15min - 1us);
  CHECK(state.locked_until);
  forget_past(state, rules, now + 15min);
  CHECK_FALSE(state.locked_until);
  CHECK(state.failures == 0);
}

TEST_CASE("otp check: a lockout ends the codes of all actions, so none is guessed on behind a short one") {
  Rules rules;
  rules.lockout = 1s;
  RecipientState state = with_code();
  start_challenge(state, challenge(now, Action::SENSITIVE_ACTION));
  for (int i = 0; i < 5; ++i) check_code(state, Action::PHONE_VERIFY, false, false, rules, now);
  forget_past(state, rules, now + 1s);
  CHECK(check_code(state, Action::PHONE_VERIFY, true, false, rules, now + 1s).verdict == CheckVerdict::NO_CODE);
  CHECK(check_code(state, Action::SENSITIVE_ACTION, true, false, rules, now + 1s).verdict == CheckVerdict::NO_CODE);
}

TEST_CASE("otp check: a new code and another action leave the failures as they are, the right code ends them") {
  const Rules rules;
  RecipientState state = with_code();
  for (int i = 0; i < 4; ++i) check_code(state, Action::PHONE_VERIFY, false, false, rules, now);
  start_challenge(state, challenge(now + 1min, Action::SENSITIVE_ACTION));
  start_challenge(state, challenge(now + 1min));
  CHECK(state.failures == 4);
  SECTION("one more locks") {
    CHECK(check_code(state, Action::SENSITIVE_ACTION, false, false, rules, now + 1min).locks);
  }
  SECTION("the right one ends them") {
    CHECK(check_code(state, Action::PHONE_VERIFY, true, false, rules, now + 1min).verdict == CheckVerdict::RIGHT);
    CHECK(state.failures == 0);
  }
}

TEST_CASE("otp check: a code is valid until 600 s have passed, not a microsecond longer, and only once") {
  const Rules rules;
  RecipientState late = with_code(), early = with_code();
  CHECK(check_code(late, Action::PHONE_VERIFY, true, false, rules, now + 600s).verdict == CheckVerdict::EXPIRED);
  CHECK(check_code(early, Action::PHONE_VERIFY, true, false, rules, now + 600s - 1us).verdict == CheckVerdict::RIGHT);
  CHECK(check_code(early, Action::PHONE_VERIFY, true, false, rules, now).verdict == CheckVerdict::NO_CODE);
}

TEST_CASE("otp check: without a code of that action nothing is spent") {
  const Rules rules;
  RecipientState state = with_code();
  CHECK(check_code(state, Action::SENSITIVE_ACTION, false, false, rules, now).verdict == CheckVerdict::NO_CODE);
  CHECK(check_code(state, Action::PHONE_VERIFY, false, true, rules, now).verdict == CheckVerdict::IP_LIMIT);
  CHECK(check_code(state, Action::PHONE_VERIFY, false, false, rules, now + 1h).verdict == CheckVerdict::EXPIRED);
  CHECK(state.failures == 0);
}

TEST_CASE("otp check: a clock that is set back lengthens no code's life and no lockout's end") {
  const Rules rules;
  RecipientState state = with_code();
  CHECK(check_code(state, Action::PHONE_VERIFY, true, false, rules, now - 5s - 1us).verdict == CheckVerdict::EXPIRED);
  state.locked_until = now + 10min;
  forget_past(state, rules, now - 24h);
  CHECK(state.locked_until);
  CHECK(state.sends.size() == 1);
}

TEST_CASE("otp code: six digits, all about as frequent") {
  int digits[10] = {};
  constexpr int codes = 5'000;
  for (int i = 0; i < codes; ++i) {
    const std::string code = new_code();
    REQUIRE(is_code(code));
    for (const char c : code) ++digits[c - '0'];
  }
  // 3,000 of each are expected; six standard deviations are 312.
  for (const int count : digits) CHECK(std::abs(count - codes * 6 / 10) < 312);
}

TEST_CASE("otp code: its hash is of one challenge, recipient, action and code") {
  const auto mac = [](const char* id, const char* to, Action action, const char* code) {
    return code_mac("pepper", id, to, action, code);
  };
  const std::string one = mac("id", "+441", Action::PHONE_VERIFY, "123456");
  CHECK(one == mac("id", "+441", Action::PHONE_VERIFY, "123456"));
  CHECK(one != mac("id2", "+441", Action::PHONE_VERIFY, "123456"));
  CHECK(one != mac("id", "+442", Action::PHONE_VERIFY, "123456"));
  CHECK(one != mac("id", "+441", Action::SENSITIVE_ACTION, "123456"));
  CHECK(one != mac("id", "+441", Action::PHONE_VERIFY, "123457"));
  CHECK(mac("a", "bc", Action::PHONE_VERIFY, "1") != mac("ab", "c", Action::PHONE_VERIFY, "1"));
  CHECK(one != code_mac("other", "id", "+441", Action::PHONE_VERIFY, "123456"));
}
