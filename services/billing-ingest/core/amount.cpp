#include "billing-ingest/core/amount.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace carillon::billing {
namespace {

constexpr std::array<std::string_view, 15> without_decimals{"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA",
                                                            "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 5> with_three_decimals{"BHD", "JOD", "KWD", "OMR", "TND"};
constexpr std::array<std::string_view, 2> shown_whole{"ISK", "UGX"};

template <class List>
bool holds(const List& list, std::string_view currency) {
  return std::find(list.begin(), list.end(), currency) != list.end();
}

// "" for what is no three letters.
std::string code_of(std::string_view currency) {
  if (currency.size() != 3) return {};
  std::string code(currency);
  for (char& c : code) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c < 'A' || c > 'Z') return {};
  }
  return code;
}

}  // namespace

int currency_decimals(std::string_view currency) {
  const std::string code = code_of(currency);
  if (holds(with_three_decimals, code)) return 3;
  return holds(without_decimals, code) ? 0 : 2;
}

std::string to_text(const Amount& amount) {
  const std::string code = code_of(amount.currency);
  if (code.empty()) return {};
  const bool negative = amount.smallest_units < 0;
  const auto size = negative ? 0 - static_cast<std::uint64_t>(amount.smallest_units)
                             : static_cast<std::uint64_t>(amount.smallest_units);
  std::string digits = std::to_string(size);
  const auto decimals = static_cast<std::size_t>(currency_decimals(code));
  if (decimals > 0) {
    if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
    digits.insert(digits.size() - decimals, 1, '.');
  }
  if (holds(shown_whole, code) && digits.ends_with(".00")) digits.resize(digits.size() - 3);
  return (negative ? "-" : "") + digits + " " + code;
}

}  // namespace carillon::billing
