// Which of our plans a Stripe price stands for. Pure.
#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::billing {

inline constexpr std::array<std::string_view, 3> plans{"SOLO", "PORTFOLIO", "PRO"};

struct PlanPrices {
  std::map<std::string, std::string> plan_of_price;  // "price_..." -> "PRO"

  // "" when none is set.
  std::string price_of(std::string_view plan) const {
    for (const auto& [price, of] : plan_of_price)
      if (of == plan) return price;
    return {};
  }
};

inline bool is_plan(std::string_view plan) {
  for (const std::string_view each : plans)
    if (each == plan) return true;
  return false;
}

// By the first price that is one of ours, else by what the metadata say; "" when neither tells.
inline std::string plan_of(const std::vector<std::string>& prices, const std::string& metadata_plan,
                           const PlanPrices& known) {
  for (const std::string& price : prices) {
    const auto found = known.plan_of_price.find(price);
    if (found != known.plan_of_price.end()) return found->second;
  }
  return is_plan(metadata_plan) ? metadata_plan : std::string{};
}

}  // namespace carillon::billing
