// The rules a deployment sets for its codes.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "limits/rate_limit.hpp"

namespace carillon::otp {

struct Rules {
  std::chrono::seconds code_ttl{600};
  int attempts_max = 5;  // wrong codes over all actions of a recipient
  std::chrono::seconds lockout{15 * 60};
  RateLimit sends{3, std::chrono::minutes{30}};  // of one recipient, exact
  std::chrono::seconds resend_cooldown{0};
  RateLimit sends_per_ip, checks_per_ip, sends_per_prefix, sends_per_country;
  std::vector<std::string> allowed_countries;     // beginnings of numbers, "+44"; empty: all
  std::map<std::string, std::string> test_codes;  // number -> its fixed code; nothing is sent to these
  std::chrono::seconds step_up_ttl{300};
};

}  // namespace carillon::otp
