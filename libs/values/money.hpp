// Money as whole millionths of a US dollar, the finest step that price lists use (an SMS segment costs 0.00645 USD).
// An amount is a price times whole units, so nothing is ever rounded; floating point is not used.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "values/result.hpp"

namespace carillon {

struct MicroUsd {
  std::int64_t micros = 0;
  auto operator<=>(const MicroUsd&) const = default;
};

inline constexpr std::int64_t micros_per_usd = 1'000'000;
inline constexpr int usd_decimals_max = 6;
inline constexpr int usd_whole_digits_max = 9;

// "100", "0.0075": digits, at most 9 before and 6 after the point. Failure code INVALID_AMOUNT.
Result<MicroUsd> parse_usd(std::string_view text);
// "100.00", "0.0075": two decimals at least, further ones as needed; exact.
std::string to_text(MicroUsd amount);

// Both stop at the largest amount instead of running over.
MicroUsd operator+(MicroUsd a, MicroUsd b);
MicroUsd operator*(MicroUsd price, std::int64_t units);

}  // namespace carillon
