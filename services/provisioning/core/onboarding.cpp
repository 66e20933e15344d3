#include "provisioning/core/onboarding.hpp"

#include <fmt/format.h>

#include "provisioning/core/answer_words.hpp"
#include "values/opt_out.hpp"

namespace carillon::provisioning {

namespace {

using State = OnboardingState;

constexpr std::string_view yes = "YES";
constexpr std::string_view done = "DONE";
constexpr std::string_view ready = "READY";
constexpr const char* too_long_reply = "Sorry, that is too long. Please send it in at most 120 characters.";
constexpr const char* priority_list_reply = "You're on our priority list. Reply READY to try again.";
constexpr const char* assigning_reply = "We're assigning your number now. Reply READY in 1 minute.";

Turn advanced(State next, std::string reply, OnboardingAnswers answers = {}) {
  Turn turn;
  turn.kind = Turn::Kind::ADVANCED;
  turn.next = next;
  turn.answers = std::move(answers);
  turn.reply = std::move(reply);
  return turn;
}

Turn refused(const Conversation& conversation, TurnReason reason, std::string reply) {
  Turn turn;
  turn.kind = Turn::Kind::REFUSED;
  turn.next = conversation.state;
  turn.reason = reason;
  turn.refused_answer = conversation.refused_answer;
  turn.reply = std::move(reply);
  return turn;
}

Turn not_understood(const Conversation& conversation, const OnboardingFacts& facts) {
  return refused(conversation, TurnReason::NOT_UNDERSTOOD,
                 "Sorry, we didn't get that. " + question(conversation.state, facts));
}

// At a gate: READY gives the same answer again.
Turn stopped(const Conversation& conversation, TurnReason reason, std::string_view answer, std::string reply) {
  Turn turn = refused(conversation, reason, std::move(reply));
  turn.refused_answer = answer;
  return turn;
}

Turn allocate_first(const Conversation& conversation) {
  Turn turn = refused(conversation, TurnReason::NONE, {});
  turn.kind = Turn::Kind::ALLOCATE;
  return turn;
}

Turn one_answer(const Conversation& conversation, const OnboardingFacts& facts, std::string_view text, State next,
                std::optional<std::string> OnboardingAnswers::*field) {
  std::string answer = one_line(text);
  if (letters_and_digits(answer).empty() && characters(answer) == answer.size())
    return not_understood(conversation, facts);
  if (characters(answer) > answer_chars_max) return refused(conversation, TurnReason::TOO_LONG, too_long_reply);
  OnboardingAnswers answers;
  answers.*field = std::move(answer);
  return advanced(next, question(next, facts), std::move(answers));
}

Turn business_type_and_location(const Conversation& conversation, const OnboardingFacts& facts, std::string_view text) {
  auto parts = two_parts(text);
  if (!parts) return not_understood(conversation, facts);
  if (characters(parts->first) > answer_chars_max || characters(parts->second) > answer_chars_max)
    return refused(conversation, TurnReason::TOO_LONG, too_long_reply);
  OnboardingAnswers answers;
  answers.business_type = std::move(parts->first);
  answers.location = std::move(parts->second);
  return advanced(State::S2_BUSINESS_NAME, question(State::S2_BUSINESS_NAME, facts), std::move(answers));
}

Turn notification_preference(const Conversation& conversation, const OnboardingFacts& facts, std::string_view text) {
  const std::string word = letters_and_digits(text);
  OnboardingAnswers answers;
  if (word == "SMS" || word == "TEXT") answers.notification_preference = "SMS";
  if (word == "EMAIL" || word == "MAIL") answers.notification_preference = "EMAIL";
  if (word == "BOTH") answers.notification_preference = "BOTH";
  if (!answers.notification_preference) return not_understood(conversation, facts);
  return advanced(State::S5_CONFIRM_LIVE, question(State::S5_CONFIRM_LIVE, facts), std::move(answers));
}

Turn payment_required(const Conversation& conversation, const OnboardingFacts& facts, std::string_view answer) {
  const std::string where = facts.payment_link.empty() ? "Your payment is still missing."
                                                       : "Please complete your payment: " + facts.payment_link;
  return stopped(conversation, TurnReason::PAYMENT_REQUIRED, answer, where + " Then reply READY.");
}

// From S6 on there is a number; it can only be missing when it was taken back. nullopt: it is there.
std::optional<Turn> missing_number(const Conversation& conversation, const OnboardingFacts& facts,
                                   std::string_view answer) {
  if (!facts.twilio_number.empty()) return std::nullopt;
  if (!facts.payment_active) return payment_required(conversation, facts, answer);
  Turn turn = stopped(conversation, TurnReason::ONBOARDING_BLOCKED_NO_TWILIO_NUMBER, answer, assigning_reply);
  turn.allocate_afterwards = true;
  return turn;
}

Turn confirm_live(const Conversation& conversation, const OnboardingFacts& facts, std::string_view answer) {
  if (answer != yes) return not_understood(conversation, facts);
  if (!facts.payment_active) return payment_required(conversation, facts, yes);
  if (!facts.twilio_number.empty()) return advanced(State::S6_PHONE_TYPE, question(State::S6_PHONE_TYPE, facts));
  if (!facts.allocation) return allocate_first(conversation);
  if (*facts.allocation == AllocationReason::POOL_EMPTY)
    return stopped(conversation, TurnReason::POOL_EMPTY_DURING_ONBOARDING, yes, priority_list_reply);
  return stopped(conversation, TurnReason::POOL_ALLOCATION_ERROR, yes,
                 "We couldn't assign your number just now. Reply READY in 1 minute.");
}

Turn repeated(const Conversation& conversation, const OnboardingFacts& facts) {
  const bool needs_number = conversation.state == State::S7_FWD_SENT || conversation.state == State::S8_FWD_CONFIRM;
  if (needs_number)
    if (auto turn = missing_number(conversation, facts, {})) return *turn;
  Turn turn = refused(conversation, TurnReason::NONE, question(conversation.state, facts));
  turn.kind = Turn::Kind::REPEATED;
  return turn;
}

Turn choose_phone(const Conversation& conversation, const OnboardingFacts& facts, std::string_view answer) {
  const auto type = phone_type_in(answer);
  if (!type) return not_understood(conversation, facts);
  if (auto turn = missing_number(conversation, facts, name(*type))) return *turn;
  OnboardingFacts then = facts;
  then.phone_type = type;
  OnboardingAnswers answers;
  answers.phone_type = type;
  return advanced(State::S7_FWD_SENT, question(State::S7_FWD_SENT, then), std::move(answers));
}

}  // namespace

std::optional<OnboardingState> find_onboarding_state(std::string_view wanted) {
  for (std::size_t i = 0; i < onboarding_state_names.size(); ++i)
    if (onboarding_state_names[i] == wanted) return static_cast<State>(i);
  return std::nullopt;
}

std::string_view name(TurnReason reason) {
  switch (reason) {
    case TurnReason::NOT_UNDERSTOOD:
      return "NOT_UNDERSTOOD";
    case TurnReason::TOO_LONG:
      return "TOO_LONG";
    case TurnReason::PAYMENT_REQUIRED:
      return "PAYMENT_REQUIRED";
    case TurnReason::POOL_EMPTY_DURING_ONBOARDING:
      return "POOL_EMPTY_DURING_ONBOARDING";
    case TurnReason::POOL_ALLOCATION_ERROR:
      return "POOL_ALLOCATION_ERROR";
    case TurnReason::ONBOARDING_BLOCKED_NO_TWILIO_NUMBER:
      return "ONBOARDING_BLOCKED_NO_TWILIO_NUMBER";
    default:
      return "";
  }
}

std::string question(OnboardingState state, const OnboardingFacts& facts) {
  switch (state) {
    case State::S1_BUSINESS_TYPE_LOCATION:
      return "What kind of business do you run, and where? For example: Plumber, Leeds";
    case State::S2_BUSINESS_NAME:
      return "What is the name of your business?";
    case State::S3_OWNER_NAME:
      return "And what is your name?";
    case State::S4_NOTIF_PREF:
      return "How may we notify you? Reply SMS, EMAIL or BOTH.";
    case State::S5_CONFIRM_LIVE:
      return "That is all we need. Reply YES to go live.";
    case State::S6_PHONE_TYPE:
      return fmt::format("{}Which phone do your calls come in on? Reply iPhone, Android or Landline.",
                         facts.twilio_number.empty() ? "" : "Your number is " + facts.twilio_number + ". ");
    case State::S7_FWD_SENT:
      return forwarding_steps(facts.phone_type.value_or(PhoneType::ANDROID), facts.twilio_number) +
             " Reply DONE when it is set.";
    case State::S8_FWD_CONFIRM:
      return "Now call your business from another phone. We'll tell you when the call reaches us.";
    default:
      return fmt::format("Your test call has reached us. You're live{}!",
                         facts.twilio_number.empty() ? "" : " on " + facts.twilio_number);
  }
}

Turn take_answer(const Conversation& conversation, const OnboardingFacts& facts, std::string_view text) {
  if (characters(text) > inbound_text_chars_max) return refused(conversation, TurnReason::TOO_LONG, too_long_reply);
  std::string answer = answer_word(text);
  if (answer == ready && !conversation.refused_answer.empty()) {
    answer = conversation.refused_answer;
  } else if (answer == ready || opt_out_word(text) != OptOutWord::NONE) {
    return repeated(conversation, facts);
  }
  switch (conversation.state) {
    case State::S1_BUSINESS_TYPE_LOCATION:
      return business_type_and_location(conversation, facts, text);
    case State::S2_BUSINESS_NAME:
      return one_answer(conversation, facts, text, State::S3_OWNER_NAME, &OnboardingAnswers::business_name);
    case State::S3_OWNER_NAME:
      return one_answer(conversation, facts, text, State::S4_NOTIF_PREF, &OnboardingAnswers::owner_name);
    case State::S4_NOTIF_PREF:
      return notification_preference(conversation, facts, text);
    case State::S5_CONFIRM_LIVE:
      return confirm_live(conversation, facts, answer);
    case State::S6_PHONE_TYPE:
      return choose_phone(conversation, facts, answer);
    case State::S7_FWD_SENT:
      if (auto turn = missing_number(conversation, facts, {})) return *turn;
      if (answer != done) return not_understood(conversation, facts);
      return advanced(State::S8_FWD_CONFIRM, question(State::S8_FWD_CONFIRM, facts));
    case State::S8_FWD_CONFIRM:
      if (auto turn = missing_number(conversation, facts, {})) return *turn;
      return not_understood(conversation, facts);
    case State::S9_TEST_CALL_DETECTED:
      return advanced(State::COMPLETE, question(State::COMPLETE, facts));
    default:
      return repeated(conversation, facts);
  }
}

std::string welcome() {
  return "Welcome! " + question(State::S1_BUSINESS_TYPE_LOCATION, {});
}

Turn take_call(const Conversation& conversation, const OnboardingFacts& facts) {
  if (conversation.state != State::S8_FWD_CONFIRM && conversation.state != State::S9_TEST_CALL_DETECTED)
    return refused(conversation, TurnReason::NONE, {});
  Turn turn = advanced(State::COMPLETE, question(State::COMPLETE, facts));
  if (conversation.state == State::S8_FWD_CONFIRM) turn.passed = {State::S9_TEST_CALL_DETECTED};
  return turn;
}

std::string payment_link_of(std::string_view payment_link_url, std::string_view client_id) {
  if (payment_link_url.empty()) return {};
  const std::string_view mark = payment_link_url.find('?') == std::string_view::npos ? "?" : "&";
  return fmt::format("{}{}client_reference_id={}", payment_link_url, mark, client_id);
}

}  // namespace carillon::provisioning
