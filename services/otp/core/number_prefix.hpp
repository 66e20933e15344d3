// Blocks of numbers, for the limits per prefix. Pure.
#pragma once
#include <string>
#include <string_view>

namespace carillon::otp {

inline constexpr std::size_t prefix_hidden_digits = 4;

// Of a number all but the last four digits: what someone who is paid per message has a block of. "" for e-mail.
inline std::string number_prefix(std::string_view recipient) {
  if (recipient.empty() || recipient.front() != '+') return {};
  return std::string(recipient.substr(0, recipient.size() - prefix_hidden_digits));
}

}  // namespace carillon::otp
