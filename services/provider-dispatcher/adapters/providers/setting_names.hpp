// What the settings of all providers share: bounds, and how missing ones are told.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace carillon::dispatcher {

inline constexpr double rate_per_second_max = 100'000;
inline constexpr int concurrency_max = 1'000;

// {name, present} pairs to "A, B" of those not present.
inline std::string names_of_missing(std::initializer_list<std::pair<std::string_view, bool>> settings) {
  std::string out;
  for (const auto& [name, present] : settings) {
    if (present) continue;
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

inline std::string without_trailing_slash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

}  // namespace carillon::dispatcher
