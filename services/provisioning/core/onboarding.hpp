// The onboarding conversation: an owner answers one question after the other by SMS, until a test call shows that the
// business's calls reach the client's own number. One pure function of where the conversation stands, what is known of
// the client, and what was written; docs/state-machines.md draws it.
//
//   S1 → S2 → S3 → S4 → S5 ──YES──▶ payment? number? ──▶ S6 ──phone type──▶ number? ──▶ S7 ──DONE──▶ S8 ──call──▶ S9 →
//   COMPLETE
//
// A refusal leaves the state as it was. What a gate has refused is kept, and READY gives it again.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provisioning/core/number_pool.hpp"
#include "provisioning/core/phone_type.hpp"

namespace carillon::provisioning {

enum class OnboardingState {
  S1_BUSINESS_TYPE_LOCATION,
  S2_BUSINESS_NAME,
  S3_OWNER_NAME,
  S4_NOTIF_PREF,
  S5_CONFIRM_LIVE,        // waits for YES; behind it the gates of payment and number
  S6_PHONE_TYPE,          // waits for iPhone, Android or Landline; behind it the gate of the number
  S7_FWD_SENT,            // how to forward is sent; waits for DONE
  S8_FWD_CONFIRM,         // forwarding is confirmed; waits for a test call
  S9_TEST_CALL_DETECTED,  // passed through on the way to COMPLETE
  COMPLETE
};

inline constexpr std::array<std::string_view, 10> onboarding_state_names{
    "S1_BUSINESS_TYPE_LOCATION", "S2_BUSINESS_NAME", "S3_OWNER_NAME", "S4_NOTIF_PREF",
    "S5_CONFIRM_LIVE",           "S6_PHONE_TYPE",    "S7_FWD_SENT",   "S8_FWD_CONFIRM",
    "S9_TEST_CALL_DETECTED",     "COMPLETE"};

inline std::string_view name(OnboardingState state) {
  return onboarding_state_names[static_cast<std::size_t>(state)];
}
std::optional<OnboardingState> find_onboarding_state(std::string_view name);

inline constexpr std::size_t inbound_text_chars_max = 1'600;  // Twilio joins segments up to this
inline constexpr std::size_t answer_chars_max = 120;          // of a name, a kind of business, a place

// What is asked of the client and its surroundings, apart from what was written.
struct OnboardingFacts {
  bool payment_active = false;
  std::string twilio_number;  // "": none yet
  std::optional<PhoneType> phone_type;
  std::string payment_link;                    // "": not configured
  std::optional<AllocationReason> allocation;  // what allocating a number came to in this turn; nullopt: not tried
};

struct Conversation {
  OnboardingState state = OnboardingState::S1_BUSINESS_TYPE_LOCATION;
  std::string refused_answer;  // "YES" or a phone type that a gate has refused last; READY gives it again
};

// What the answers tell about the client; nullopt: as it was.
struct OnboardingAnswers {
  std::optional<std::string> business_type, location, business_name, owner_name, notification_preference;
  std::optional<PhoneType> phone_type;
};

// The log's words of PRV-7, with which a turn is logged; and why a turn was refused.
enum class TurnReason {
  NONE,
  NOT_UNDERSTOOD,
  TOO_LONG,
  PAYMENT_REQUIRED,
  POOL_EMPTY_DURING_ONBOARDING,
  POOL_ALLOCATION_ERROR,
  ONBOARDING_BLOCKED_NO_TWILIO_NUMBER
};
std::string_view name(TurnReason reason);

struct Turn {
  enum class Kind {
    ADVANCED,  // to `next`, by way of `passed`
    REPEATED,  // the last question again
    REFUSED,   // state as it was; `reason` says why
    ALLOCATE   // nothing yet: allocate a number, then ask again with facts.allocation and facts.twilio_number
  };
  Kind kind = Kind::REFUSED;
  OnboardingState next{};
  std::vector<OnboardingState> passed;  // states between the last one and `next`
  TurnReason reason = TurnReason::NONE;
  std::string refused_answer;  // what READY gives again from now on
  OnboardingAnswers answers;
  // The number is missing at forwarding: a further try to allocate one is due, whatever it comes to.
  bool allocate_afterwards = false;
  std::string reply;
};

// `text` of at most inbound_text_chars_max characters; longer ones are TOO_LONG.
Turn take_answer(const Conversation& conversation, const OnboardingFacts& facts, std::string_view text);

// A call came in on the client's number. ADVANCED from S8; else REFUSED, and nothing is to be replied.
Turn take_call(const Conversation& conversation, const OnboardingFacts& facts);

// What the state asks.
std::string question(OnboardingState state, const OnboardingFacts& facts);

// The first message to somebody new: a greeting and the question of S1.
std::string welcome();

// The payment link with the client's id as Stripe's client_reference_id; "" for "".
std::string payment_link_of(std::string_view payment_link_url, std::string_view client_id);

}  // namespace carillon::provisioning
