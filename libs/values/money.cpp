#include "values/money.hpp"

#include <algorithm>
#include <limits>

namespace carillon {

namespace {

constexpr std::size_t decimals_shown_min = 2;

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t number_of(std::string_view digits) {
  std::int64_t number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

}  // namespace

Result<MicroUsd> parse_usd(std::string_view text) {
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  const bool well_formed = !whole.empty() && all_digits(whole) && all_digits(decimals) &&
                           (point == std::string_view::npos || !decimals.empty());
  if (!well_formed || whole.size() > usd_whole_digits_max || decimals.size() > usd_decimals_max) {
    return Failure{"INVALID_AMOUNT", "must be an amount in US dollars such as 100.00, with at most 6 decimals"};
  }
  std::string fraction(decimals);
  fraction.resize(usd_decimals_max, '0');
  return MicroUsd{number_of(whole) * micros_per_usd + number_of(fraction)};
}

std::string to_text(MicroUsd amount) {
  const bool negative = amount.micros < 0;
  const auto size =
      negative ? 0 - static_cast<std::uint64_t>(amount.micros) : static_cast<std::uint64_t>(amount.micros);
  std::string decimals = std::to_string(size % micros_per_usd);
  decimals.insert(0, usd_decimals_max - decimals.size(), '0');
  while (decimals.size() > decimals_shown_min && decimals.back() == '0') decimals.pop_back();
  return (negative ? "-" : "") + std::to_string(size / micros_per_usd) + "." + decimals;
}

MicroUsd operator+(MicroUsd a, MicroUsd b) {
  MicroUsd sum;
  if (!__builtin_add_overflow(a.micros, b.micros, &sum.micros)) return sum;
  return {a.micros < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max()};
}

MicroUsd operator*(MicroUsd price, std::int64_t units) {
  MicroUsd amount;
  if (!__builtin_mul_overflow(price.micros, units, &amount.micros)) return amount;
  return {(price.micros < 0) == (units < 0) ? std::numeric_limits<std::int64_t>::max()
                                            : std::numeric_limits<std::int64_t>::min()};
}

}  // namespace carillon
