// Amounts of money as Stripe writes them: whole numbers of a currency's smallest unit. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace carillon::billing {

struct Amount {
  std::int64_t smallest_units = 0;
  std::string currency;  // three letters, either case
  bool operator==(const Amount&) const = default;
};

// How many decimals Stripe's smallest unit of a currency stands for: 0, 2 or 3 (docs.stripe.com/currencies). ISK and
// UGX have none, yet Stripe counts them in hundredths; such amounts are shown without the decimals that are always 0.
int currency_decimals(std::string_view currency);

// "49.00 EUR", "4900 JPY", "1.234 KWD", "-0.05 USD". Exact for every number; "" without a currency of three letters.
std::string to_text(const Amount& amount);

}  // namespace carillon::billing
