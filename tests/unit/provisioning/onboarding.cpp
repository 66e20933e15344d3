#include "provisioning/core/onboarding.hpp"

#include <catch2/catch.hpp>

using namespace carillon::provisioning;
using State = OnboardingState;

namespace {

constexpr const char* own_number = "+441632960001";
constexpr const char* pay_link = "https://buy.stripe.com/test_1?client_reference_id=c1";

OnboardingFacts paid(std::string number = own_number) {
  OnboardingFacts facts;
  facts.payment_active = true;
  facts.twilio_number = std::move(number);
  facts.payment_link = pay_link;
  return facts;
}

Turn say(State state, std::string_view text, const OnboardingFacts& facts = paid(), std::string refused_answer = {}) {
  return take_answer({state, std::move(refused_answer)}, facts, text);
}

void check_advanced(const Turn& turn, State next) {
  CHECK(turn.kind == Turn::Kind::ADVANCED);
  CHECK(turn.next == next);
  CHECK(turn.reason == TurnReason::NONE);
  CHECK(turn.refused_answer.empty());
  CHECK_FALSE(turn.reply.empty());
}

void check_refused(const Turn& turn, State state, TurnReason reason) {
  CHECK(turn.kind == Turn::Kind::REFUSED);
  CHECK(turn.next == state);
  CHECK(turn.reason == reason);
  CHECK(turn.passed.empty());
  CHECK_FALSE(turn.answers.business_name);
  CHECK_FALSE(turn.answers.phone_type);
}

}  // namespace

TEST_CASE("onboarding: each state's answer leads to the next state and is kept") {
  SECTION("S1 takes the kind of business and the place") {
    for (const char* text : {"Plumber, Leeds", "Plumber in Leeds", "plumber", " Plumber \n Leeds "}) {
      INFO(text);
      const Turn turn = say(State::S1_BUSINESS_TYPE_LOCATION, text);
      if (std::string_view(text) == "plumber") {
        check_refused(turn, State::S1_BUSINESS_TYPE_LOCATION, TurnReason::NOT_UNDERSTOOD);
        continue;
      }
      check_advanced(turn, State::S2_BUSINESS_NAME);
      CHECK(turn.answers.business_type == "Plumber");
      CHECK(turn.answers.location == "Leeds");
    }
  }
  SECTION("S2 takes the business's name, emoji and all") {
    const Turn turn = say(State::S2_BUSINESS_NAME, "  Joe's\n Pizza \xF0\x9F\x8D\x95 ");
    check_advanced(turn, State::S3_OWNER_NAME);
    CHECK(turn.answers.business_name == "Joe's Pizza \xF0\x9F\x8D\x95");
  }
  SECTION("S3 takes the owner's name") {
    const Turn turn = say(State::S3_OWNER_NAME, "José");
    check_advanced(turn, State::S4_NOTIF_PREF);
    CHECK(turn.answers.owner_name == "José");
  }
  SECTION("S4 takes SMS, EMAIL or BOTH") {
    const std::vector<std::pair<const char*, const char*>> said{
        {"sms", "SMS"}, {"Text!", "SMS"}, {"e-mail", "EMAIL"}, {" Both. ", "BOTH"}};
    for (const auto& [text, kept] : said) {
      const Turn turn = say(State::S4_NOTIF_PREF, text);
      check_advanced(turn, State::S5_CONFIRM_LIVE);
      CHECK(turn.answers.notification_preference == kept);
    }
  }
  SECTION("S5 takes YES") {
    for (const char* text : {"YES", "yes", " Yes! ", "yes \xF0\x9F\x91\x8D"})
      check_advanced(say(State::S5_CONFIRM_LIVE, text), State::S6_PHONE_TYPE);
  }
  SECTION("S6 takes the phone and sends how to forward with the client's own number") {
    const std::vector<std::pair<const char*, PhoneType>> said{{"iPhone", PhoneType::IPHONE},
                                                              {"I have an iphone 15", PhoneType::IPHONE},
                                                              {"ANDROID", PhoneType::ANDROID},
                                                              {"land line", PhoneType::LANDLINE}};
    for (const auto& [text, type] : said) {
      const Turn turn = say(State::S6_PHONE_TYPE, text);
      check_advanced(turn, State::S7_FWD_SENT);
      CHECK(turn.answers.phone_type == type);
      CHECK(turn.reply == forwarding_steps(type, own_number) + " Reply DONE when it is set.");
      CHECK(turn.reply.find(own_number) != std::string::npos);
    }
  }
  SECTION("S7 takes DONE") {
    check_advanced(say(State::S7_FWD_SENT, "done."), State::S8_FWD_CONFIRM);
  }
  SECTION("S9 is left by whatever is said") {
    check_advanced(say(State::S9_TEST_CALL_DETECTED, "hello"), State::COMPLETE);
  }
}

TEST_CASE("onboarding: what is no answer is refused, asks again and leaves the state as it was") {
  const std::vector<std::pair<State, std::vector<const char*>>> wrong{
      {State::S1_BUSINESS_TYPE_LOCATION, {"", " ", "!", "Plumber", ", Leeds", "Plumber,", "in"}},
      {State::S2_BUSINESS_NAME, {"", " \n", "?!"}},
      {State::S3_OWNER_NAME, {"", "..."}},
      {State::S4_NOTIF_PREF, {"", "pigeon", "SMS and EMAIL please"}},
      {State::S5_CONFIRM_LIVE, {"", "no", "yes but not today", "DONE"}},
      {State::S6_PHONE_TYPE, {"", "Nokia", "iPhone or Android", "YES"}},
      {State::S7_FWD_SENT, {"", "not yet", "YES"}},
      {State::S8_FWD_CONFIRM, {"", "DONE", "YES", "I called"}}};
  for (const auto& [state, texts] : wrong) {
    for (const char* text : texts) {
      INFO(name(state) << ": " << text);
      const Turn turn = say(state, text);
      check_refused(turn, state, TurnReason::NOT_UNDERSTOOD);
      CHECK(turn.reply == "Sorry, we didn't get that. " + question(state, paid()));
    }
  }
}

TEST_CASE("onboarding: an answer of 120 characters is kept, one of 121 and a message of 1,601 are refused") {
  std::string emoji;
  for (std::size_t i = 0; i < answer_chars_max; ++i) emoji += "\xF0\x9F\x94\x94";
  check_advanced(say(State::S2_BUSINESS_NAME, emoji), State::S3_OWNER_NAME);
  check_refused(say(State::S2_BUSINESS_NAME, emoji + "x"), State::S2_BUSINESS_NAME, TurnReason::TOO_LONG);
  check_refused(say(State::S1_BUSINESS_TYPE_LOCATION, "Plumber, " + std::string(121, 'x')),
                State::S1_BUSINESS_TYPE_LOCATION, TurnReason::TOO_LONG);
  check_refused(say(State::S5_CONFIRM_LIVE, std::string(inbound_text_chars_max, 'x')), State::S5_CONFIRM_LIVE,
                TurnReason::NOT_UNDERSTOOD);
  check_refused(say(State::S5_CONFIRM_LIVE, std::string(inbound_text_chars_max + 1, 'x')), State::S5_CONFIRM_LIVE,
                TurnReason::TOO_LONG);
}

TEST_CASE("onboarding: without payment YES is refused with the payment link, and READY gives it again") {
  OnboardingFacts facts = paid("");
  facts.payment_active = false;
  const Turn turn = say(State::S5_CONFIRM_LIVE, "YES", facts);
  check_refused(turn, State::S5_CONFIRM_LIVE, TurnReason::PAYMENT_REQUIRED);
  CHECK(turn.reply == std::string("Please complete your payment: ") + pay_link + " Then reply READY.");
  CHECK(turn.refused_answer == "YES");
  const Turn again = say(State::S5_CONFIRM_LIVE, "ready", facts, turn.refused_answer);
  check_refused(again, State::S5_CONFIRM_LIVE, TurnReason::PAYMENT_REQUIRED);
  check_advanced(say(State::S5_CONFIRM_LIVE, "Ready!", paid(), turn.refused_answer), State::S6_PHONE_TYPE);
  facts.payment_link.clear();
  CHECK(say(State::S5_CONFIRM_LIVE, "YES", facts).reply == "Your payment is still missing. Then reply READY.");
}

TEST_CASE("onboarding: the payment gate comes before the number, which a paid client is given at YES") {
  OnboardingFacts facts = paid("");
  const Turn asks = say(State::S5_CONFIRM_LIVE, "YES", facts);
  CHECK(asks.kind == Turn::Kind::ALLOCATE);
  CHECK(asks.next == State::S5_CONFIRM_LIVE);
  CHECK(asks.reply.empty());
  facts.allocation = AllocationReason::ALLOCATED;
  facts.twilio_number = own_number;
  const Turn turn = say(State::S5_CONFIRM_LIVE, "YES", facts);
  check_advanced(turn, State::S6_PHONE_TYPE);
  CHECK(turn.reply ==
        "Your number is +441632960001. Which phone do your calls come in on? Reply iPhone, Android or "
        "Landline.");
}

TEST_CASE("onboarding: an empty pool puts a paid client on the priority list and leaves it in S5") {
  OnboardingFacts facts = paid("");
  facts.allocation = AllocationReason::POOL_EMPTY;
  const Turn turn = say(State::S5_CONFIRM_LIVE, "YES", facts);
  check_refused(turn, State::S5_CONFIRM_LIVE, TurnReason::POOL_EMPTY_DURING_ONBOARDING);
  CHECK(turn.reply.starts_with("You're on our priority list"));
  facts.allocation.reset();
  CHECK(say(State::S5_CONFIRM_LIVE, "READY", facts, turn.refused_answer).kind == Turn::Kind::ALLOCATE);
}

TEST_CASE("onboarding: an error while allocating leaves S5 and may be tried again") {
  OnboardingFacts facts = paid("");
  facts.allocation = AllocationReason::ALLOCATION_ERROR;
  const Turn turn = say(State::S5_CONFIRM_LIVE, "YES", facts);
  check_refused(turn, State::S5_CONFIRM_LIVE, TurnReason::POOL_ALLOCATION_ERROR);
  CHECK(turn.refused_answer == "YES");
}

TEST_CASE("onboarding: a number missing at forwarding leads back to S6, and READY goes on once it is there") {
  const Turn turn = say(State::S6_PHONE_TYPE, "Android", paid(""));
  check_refused(turn, State::S6_PHONE_TYPE, TurnReason::ONBOARDING_BLOCKED_NO_TWILIO_NUMBER);
  CHECK(turn.reply == "We're assigning your number now. Reply READY in 1 minute.");
  CHECK(turn.allocate_afterwards);
  CHECK(turn.refused_answer == "ANDROID");
  check_refused(say(State::S6_PHONE_TYPE, "READY", paid(""), turn.refused_answer), State::S6_PHONE_TYPE,
                TurnReason::ONBOARDING_BLOCKED_NO_TWILIO_NUMBER);
  const Turn on = say(State::S6_PHONE_TYPE, "READY", paid(), turn.refused_answer);
  check_advanced(on, State::S7_FWD_SENT);
  CHECK(on.answers.phone_type == PhoneType::ANDROID);
}

TEST_CASE("onboarding: a number that was taken back stops S7 and S8 too, and without payment none is allocated") {
  const State state = GENERATE(State::S7_FWD_SENT, State::S8_FWD_CONFIRM);
  for (const char* text : {"DONE", "READY", "what?"}) {
    const Turn turn = say(state, text, paid(""));
    check_refused(turn, state, TurnReason::ONBOARDING_BLOCKED_NO_TWILIO_NUMBER);
    CHECK(turn.allocate_afterwards);
    OnboardingFacts facts = paid("");
    facts.payment_active = false;
    const Turn unpaid = say(state, text, facts);
    check_refused(unpaid, state, TurnReason::PAYMENT_REQUIRED);
    CHECK_FALSE(unpaid.allocate_afterwards);
  }
}

TEST_CASE("onboarding: READY repeats the last question of every state, and so do HELP and START") {
  OnboardingFacts facts = paid();
  facts.phone_type = PhoneType::IPHONE;
  for (std::size_t i = 0; i < onboarding_state_names.size(); ++i) {
    const auto state = static_cast<State>(i);
    for (const char* text : {"READY", "help", "Start"}) {
      INFO(name(state) << ": " << text);
      const Turn turn = say(state, text, facts);
      CHECK(turn.kind == Turn::Kind::REPEATED);
      CHECK(turn.next == state);
      CHECK(turn.reply == question(state, facts));
    }
  }
}

TEST_CASE("onboarding: a call completes S8 by way of S9, and changes nothing anywhere else") {
  for (std::size_t i = 0; i < onboarding_state_names.size(); ++i) {
    const auto state = static_cast<State>(i);
    const Turn turn = take_call({state, {}}, paid());
    INFO(name(state));
    if (state == State::S8_FWD_CONFIRM) {
      check_advanced(turn, State::COMPLETE);
      CHECK(turn.passed == std::vector{State::S9_TEST_CALL_DETECTED});
      CHECK(turn.reply == "Your test call has reached us. You're live on +441632960001!");
    } else if (state == State::S9_TEST_CALL_DETECTED) {
      check_advanced(turn, State::COMPLETE);
      CHECK(turn.passed.empty());
    } else {
      CHECK(turn.kind == Turn::Kind::REFUSED);
      CHECK(turn.next == state);
      CHECK(turn.reply.empty());
    }
  }
}

TEST_CASE("onboarding: what was said after COMPLETE changes nothing") {
  const Turn turn = say(State::COMPLETE, "YES");
  CHECK(turn.kind == Turn::Kind::REPEATED);
  CHECK(turn.next == State::COMPLETE);
}

TEST_CASE("onboarding: states have names and are found by them") {
  for (std::size_t i = 0; i < onboarding_state_names.size(); ++i) {
    const auto state = static_cast<State>(i);
    CHECK(find_onboarding_state(name(state)) == state);
  }
  CHECK_FALSE(find_onboarding_state("S10"));
  CHECK(find_phone_type("LANDLINE") == PhoneType::LANDLINE);
  CHECK_FALSE(find_phone_type("FAX"));
}

TEST_CASE("onboarding: the payment link names the client for Stripe, whatever query it has") {
  CHECK(payment_link_of("https://buy.stripe.com/a", "c1") == "https://buy.stripe.com/a?client_reference_id=c1");
  CHECK(payment_link_of("https://buy.stripe.com/a?locale=en", "c1") ==
        "https://buy.stripe.com/a?locale=en&client_reference_id=c1");
  CHECK(payment_link_of("", "c1").empty());
}

TEST_CASE("forwarding: each phone has its own steps, landlines by country") {
  CHECK(forwarding_steps(PhoneType::IPHONE, own_number).find("Call Forwarding") != std::string::npos);
  CHECK(forwarding_steps(PhoneType::ANDROID, own_number).find("**21*+441632960001#") != std::string::npos);
  CHECK(forwarding_steps(PhoneType::LANDLINE, own_number).find("*21*00441632960001#") != std::string::npos);
  CHECK(forwarding_steps(PhoneType::LANDLINE, "+15005550006").find("*72, wait for the tone, dial 15005550006") !=
        std::string::npos);
}
