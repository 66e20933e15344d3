// What was used of each provider, and what a month comes to: costs so far, a forecast, and the shares of the templates.
// Pure. Days and months are those of the UTC calendar.
//
// The forecast of the current month, in units: what was counted before today; for today what was counted or the mean of
// the last days, whichever is more; for each day that is left that mean. The mean is that of the last 7 whole days, of
// fewer when counting began later, and rounded to whole units (half up) once for today and once for all days left.
// Without one whole day counted there is no forecast. A month that is over is its own forecast.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provider-dispatcher/core/prices.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher {

using Day = std::chrono::sys_days;
using Month = std::chrono::year_month;

inline constexpr int forecast_days_max = 7;

Day day_of(UtcTime time);
Month month_of(UtcTime time);
Day first_day(Month month);
Day end_day(Month month);  // the first day of the next one
std::string to_text(Month month);
std::string to_text(Day day);                             // "2026-11-30"
std::optional<Month> parse_month(std::string_view text);  // "2026-11", years 2000 to 9998

// What one template used of one provider. `messages` are calls that were accepted or stayed unconfirmed.
struct Used {
  std::string provider;
  std::string template_key;
  std::int64_t messages = 0;  // in the month
  std::int64_t units = 0;     // in the month
  std::int64_t today = 0;     // units of today; 0 unless the month is the current one
  std::int64_t recent = 0;    // units of the last forecast_days_max whole days before today, of whichever month
};

// Where the days of a report stand.
struct Calendar {
  Month month{};
  Day today{};
  std::optional<Day> counted_since;  // the first day with a row at all
};

// nullopt: nothing can be said.
std::optional<std::int64_t> forecast_units(const Calendar& calendar, std::int64_t units, std::int64_t today,
                                           std::int64_t recent);

// `total` in parts proportional to the weights, whole, adding up to it exactly: what is left after rounding down goes
// to the largest remainders, of equal ones to the first. All zero without weights.
std::vector<std::int64_t> share_out(std::int64_t total, std::span<const std::int64_t> weights);

struct TemplateCost {
  std::string template_key;
  std::int64_t messages = 0;
  std::int64_t units = 0;
  std::int64_t uncovered = 0;
  MicroUsd spent;                    // its share of the provider's paid units, by units, at the unit price
  std::optional<MicroUsd> forecast;  // likewise of the provider's forecast
};

struct ProviderCost {
  std::string provider;
  events::Channel channel{};
  std::int64_t messages = 0;
  Cost so_far;
  std::optional<Cost> forecast;
  std::int64_t free_units = 0;  // as in the price list
  std::optional<MicroUsd> unit_price;
  std::optional<MicroUsd> limit;  // of each month
  std::vector<TemplateCost> templates;
};

struct CostReport {
  Month month{};
  int days_counted = 0;                 // whole days the forecast's mean is made of
  std::vector<ProviderCost> providers;  // by name
  MicroUsd spent;
  std::optional<MicroUsd> forecast;                   // nothing when one provider's is nothing
  std::map<events::Channel, std::int64_t> uncovered;  // units so far
};

// A provider that shall be in the report also when it was not used.
struct ListedProvider {
  std::string provider;
  events::Channel channel{};
};

CostReport cost_report(const Calendar& calendar, std::span<const Used> used, std::span<const ListedProvider> listed,
                       const PriceList& prices, const std::map<std::string, MicroUsd>& limits);

}  // namespace carillon::dispatcher
