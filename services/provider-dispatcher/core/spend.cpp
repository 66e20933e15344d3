#include "provider-dispatcher/core/spend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace carillon::dispatcher {

namespace {

using std::chrono::days;

__extension__ typedef unsigned __int128 Wide;

constexpr int year_min = 2000;
constexpr int year_max = 9998;

// a × b / c without running over; all at least 0, c above 0.
struct Quotient {
  std::int64_t whole;
  std::int64_t remainder;
};
Quotient quotient(std::int64_t a, std::int64_t b, std::int64_t c) {
  const Wide product = static_cast<Wide>(a) * static_cast<Wide>(b);
  return {static_cast<std::int64_t>(product / static_cast<Wide>(c)),
          static_cast<std::int64_t>(product % static_cast<Wide>(c))};
}

std::int64_t rounded_half_up(std::int64_t a, std::int64_t b, std::int64_t c) {
  const Quotient q = quotient(a, b, c);
  return q.whole + (q.remainder >= c - q.remainder ? 1 : 0);
}

int days_counted(const Calendar& calendar) {
  if (!calendar.counted_since || *calendar.counted_since >= calendar.today) return 0;
  return static_cast<int>(
      std::min<std::int64_t>((calendar.today - *calendar.counted_since).count(), forecast_days_max));
}

std::optional<int> two_digits(std::string_view text) {
  if (text.size() != 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

// Σ of one member over the provider's templates.
std::int64_t sum_of(std::span<const Used> used, std::int64_t Used::*member) {
  return std::accumulate(used.begin(), used.end(), std::int64_t{0},
                         [member](std::int64_t sum, const Used& one) { return sum + one.*member; });
}

// The provider's paid and uncovered units, shared out over its templates.
void add_templates(const Calendar& calendar, std::span<const Used> used, const MicroUsd unit_price,
                   ProviderCost& provider) {
  std::vector<std::int64_t> units, forecasts;
  for (const Used& one : used) {
    units.push_back(one.units);
    forecasts.push_back(forecast_units(calendar, one.units, one.today, one.recent).value_or(0));
  }
  const auto paid = share_out(provider.so_far.paid, units);
  const auto uncovered = share_out(provider.so_far.uncovered, units);
  const auto to_be_paid = share_out(provider.forecast ? provider.forecast->paid : 0, forecasts);
  for (std::size_t i = 0; i < used.size(); ++i) {
    TemplateCost cost{used[i].template_key, used[i].messages, used[i].units, uncovered[i], unit_price * paid[i], {}};
    if (provider.forecast) cost.forecast = unit_price * to_be_paid[i];
    provider.templates.push_back(std::move(cost));
  }
}

ProviderCost provider_cost(const Calendar& calendar, const ListedProvider& listed, std::span<const Used> used,
                           const Price* price) {
  ProviderCost cost;
  cost.provider = listed.provider;
  cost.channel = listed.channel;
  cost.messages = sum_of(used, &Used::messages);
  const std::int64_t units = sum_of(used, &Used::units);
  cost.so_far = cost_of(price, units);
  const auto expected = forecast_units(calendar, units, sum_of(used, &Used::today), sum_of(used, &Used::recent));
  if (expected) cost.forecast = cost_of(price, *expected);
  if (price != nullptr) {
    cost.free_units = price->free_units;
    cost.unit_price = price->unit_price;
  }
  add_templates(calendar, used, cost.unit_price.value_or(MicroUsd{}), cost);
  return cost;
}

}  // namespace

Day day_of(UtcTime time) {
  return std::chrono::floor<days>(time);
}

Month month_of(UtcTime time) {
  const std::chrono::year_month_day date{day_of(time)};
  return date.year() / date.month();
}

Day first_day(Month month) {
  return month / 1;
}

Day end_day(Month month) {
  return (month + std::chrono::months{1}) / 1;
}

std::string to_text(Month month) {
  return fmt::format("{:04}-{:02}", static_cast<int>(month.year()), static_cast<unsigned>(month.month()));
}

std::string to_text(Day day) {
  const std::chrono::year_month_day date{day};
  return fmt::format("{}-{:02}", to_text(date.year() / date.month()), static_cast<unsigned>(date.day()));
}

std::optional<Month> parse_month(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto century = two_digits(text.substr(0, 2)), year = two_digits(text.substr(2, 2)),
             month = two_digits(text.substr(5, 2));
  if (!century || !year || !month || *month < 1 || *month > 12) return std::nullopt;
  const int whole_year = *century * 100 + *year;
  if (whole_year < year_min || whole_year > year_max) return std::nullopt;
  return std::chrono::year{whole_year} / std::chrono::month{static_cast<unsigned>(*month)};
}

std::optional<std::int64_t> forecast_units(const Calendar& calendar, std::int64_t units, std::int64_t today,
                                           std::int64_t recent) {
  if (calendar.today >= end_day(calendar.month)) return units;
  const int counted = days_counted(calendar);
  if (counted == 0 || calendar.today < first_day(calendar.month)) return std::nullopt;
  const auto days_left = (end_day(calendar.month) - calendar.today).count() - 1;
  const std::int64_t mean = rounded_half_up(recent, 1, counted);
  return units - today + std::max(today, mean) + rounded_half_up(recent, days_left, counted);
}

std::vector<std::int64_t> share_out(std::int64_t total, std::span<const std::int64_t> weights) {
  std::vector<std::int64_t> parts(weights.size(), 0);
  const std::int64_t weight = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  if (weight <= 0) return parts;
  std::vector<std::int64_t> remainders(weights.size(), 0);
  std::int64_t left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Quotient part = quotient(total, weights[i], weight);
    parts[i] = part.whole;
    remainders[i] = part.remainder;
    left -= part.whole;
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return remainders[i]; });
  for (std::size_t i = 0; left > 0; ++i, --left) ++parts[order[i]];
  return parts;
}

CostReport cost_report(const Calendar& calendar, std::span<const Used> used, std::span<const ListedProvider> listed,
                       const PriceList& prices, const std::map<std::string, MicroUsd>& limits) {
  std::map<std::string, ListedProvider> names;
  for (const ListedProvider& one : listed) names.emplace(one.provider, one);
  std::map<std::string, std::vector<Used>> by_provider;
  for (const Used& one : used) {
    by_provider[one.provider].push_back(one);
    const Price* price = prices.find(one.provider);
    names.try_emplace(one.provider,
                      ListedProvider{one.provider, price == nullptr ? events::Channel{} : price->channel});
  }
  CostReport report;
  report.month = calendar.month;
  report.days_counted = days_counted(calendar);
  report.forecast = MicroUsd{};
  for (const auto& [name, one] : names) {
    ProviderCost cost = provider_cost(calendar, one, by_provider[name], prices.find(name));
    if (const auto limit = limits.find(name); limit != limits.end()) cost.limit = limit->second;
    report.spent = report.spent + cost.so_far.amount;
    report.uncovered[cost.channel] += cost.so_far.uncovered;
    report.forecast =
        report.forecast && cost.forecast ? std::optional(*report.forecast + cost.forecast->amount) : std::nullopt;
    report.providers.push_back(std::move(cost));
  }
  return report;
}

}  // namespace carillon::dispatcher
