// What a code is asked for. A code for one action is none for another.
#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace carillon::otp {

enum class Action { PHONE_VERIFY, SENSITIVE_ACTION, EMAIL_VERIFY };

struct ActionFacts {
  Action action;
  std::string_view name;
  bool by_phone;  // else by e-mail
};

inline constexpr std::array<ActionFacts, 3> all_actions{{{Action::PHONE_VERIFY, "PHONE_VERIFY", true},
                                                         {Action::SENSITIVE_ACTION, "SENSITIVE_ACTION", true},
                                                         {Action::EMAIL_VERIFY, "EMAIL_VERIFY", false}}};

inline const ActionFacts& facts(Action action) {
  return all_actions[static_cast<std::size_t>(action)];
}

inline std::optional<Action> find_action(std::string_view name) {
  for (const ActionFacts& each : all_actions)
    if (each.name == name) return each.action;
  return std::nullopt;
}

}  // namespace carillon::otp
