// One-time codes: six decimal digits, kept only as an HMAC under a key that is not in the database. Pure but for the
// random bytes. Thread-safe.
#pragma once
#include <string>
#include <string_view>

#include "otp/core/action.hpp"

namespace carillon::otp {

inline constexpr std::size_t code_digits = 6;
inline constexpr std::size_t pepper_bytes_min = 32;

// Evenly distributed, from the system's CSPRNG.
std::string new_code();
bool is_code(std::string_view text);  // six ASCII digits

// HMAC-SHA-256 over challenge, recipient, action and code: of no use for another challenge, recipient or action.
std::string code_mac(std::string_view pepper, std::string_view challenge_id, std::string_view recipient, Action action,
                     std::string_view code);

}  // namespace carillon::otp
