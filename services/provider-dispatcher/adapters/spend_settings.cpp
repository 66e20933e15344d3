#include "provider-dispatcher/adapters/spend_settings.hpp"

#include <fmt/format.h>

#include <array>

#include "provider-dispatcher/adapters/price_file.hpp"

namespace carillon::dispatcher {

namespace {

struct LimitSetting {
  const char* provider;
  const char* name;
  const char* default_value;
};
constexpr std::array<LimitSetting, 6> limit_settings{{{"sns", "SNS_MONTHLY_LIMIT_USD", "100.00"},
                                                      {"twilio", "TWILIO_MONTHLY_LIMIT_USD", "100.00"},
                                                      {"postmark", "POSTMARK_MONTHLY_LIMIT_USD", "0"},
                                                      {"ses", "SES_MONTHLY_LIMIT_USD", "0"},
                                                      {"sendgrid", "SENDGRID_MONTHLY_LIMIT_USD", "0"},
                                                      {"smtp", "SMTP_MONTHLY_LIMIT_USD", "0"}}};

}  // namespace

SpendSettings read_spend_settings(service::Settings& settings) {
  SpendSettings result;
  const std::string path =
      settings.text(price_file_setting, "", "Price file in the form of prices.json; empty: the one in the program.");
  auto prices = load_price_file(path);
  if (!prices) settings.error(std::string(price_file_setting) + ": " + prices.error().detail);
  for (const LimitSetting& limit : limit_settings) {
    const std::string text = settings.text(
        limit.name, limit.default_value,
        fmt::format(
            "What {} may cost in a UTC calendar month, in US dollars; then the next provider is used; 0 = no limit.",
            limit.provider));
    const auto amount = parse_usd(text);
    if (!amount) {
      settings.error(fmt::format("{}: {}, not '{}'", limit.name, amount.error().detail, text));
    } else if (amount->micros > 0 && prices) {
      const Price* price = prices->find(limit.provider);
      if (price == nullptr || !price->unit_price) {
        settings.error(
            fmt::format("{}: the price list has no price of {}, so its spend can't be known; give one in {}, or 0 "
                        "for no limit",
                        limit.name, limit.provider, price_file_setting));
        continue;
      }
      result.limits.emplace(limit.provider, *amount);
    }
  }
  if (prices) result.prices = std::move(prices).value();
  return result;
}

}  // namespace carillon::dispatcher
