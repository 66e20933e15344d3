// What providers take for their work, as the price file says (prices/prices.json, or CARILLON_PRICE_FILE). A unit is an
// e-mail, a segment of an SMS, or a chat message. Pure.
//
// A price is known, or it is not: what lies beyond a free tier without a known price is counted as uncovered, never as
// free of charge.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/events.hpp"
#include "values/money.hpp"
#include "values/result.hpp"

namespace carillon::dispatcher {

inline constexpr std::size_t price_file_bytes_max = 64 * 1024;
inline constexpr std::size_t prices_per_channel_max = 8;
inline constexpr std::int64_t free_units_max = 1'000'000'000'000;

struct Price {
  std::string provider;
  events::Channel channel{};
  std::int64_t free_units = 0;         // of each UTC calendar month
  std::optional<MicroUsd> unit_price;  // of each further unit; nothing: not known
  bool development = false;            // delivers to nobody, so it is no way to send
};

// What a number of units of one month comes to. free + paid + uncovered = units.
struct Cost {
  std::int64_t units = 0;
  std::int64_t free = 0;       // covered by the free tier
  std::int64_t paid = 0;       // at the unit price
  std::int64_t uncovered = 0;  // no free tier left and no price known
  MicroUsd amount;             // paid × unit price, exact
};
// `price` null: the provider is not in the price list. Negative units count as none.
Cost cost_of(const Price* price, std::int64_t units);

// SMS: segments, at least 1; other channels: 1.
std::int64_t units_of(events::Channel channel, int sms_segments);

class PriceList {
 public:
  // The price file: {"currency": "USD", "providers": {name: {channel, free_units_per_month, price_per_unit,
  // development}}}. A price is a decimal string, or null when it is not known. Unknown and missing members are refused.
  // Failure code INVALID_PRICE_FILE; the detail names the place.
  static Result<PriceList> parse(std::string_view json);

  const Price* find(std::string_view provider) const;        // null: not in the list
  const std::vector<Price>& all() const { return prices_; }  // in the file's order

 private:
  std::vector<Price> prices_;
};

}  // namespace carillon::dispatcher
