// Settings of the otp service.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "limits/client_address.hpp"
#include "otp/core/conversion.hpp"
#include "otp/core/rules.hpp"
#include "service/settings.hpp"

namespace carillon::otp {

struct OtpSettings {
  std::string pepper;  // "": nothing is sent, /readyz says so
  Rules rules;
  ConversionRule conversion;
  bool is_public = false;  // false: callers need an API key with the scope "otp"
  std::vector<Network> trusted_proxies;
  std::chrono::milliseconds answer_interval{25};
  std::size_t queue_max = 5'000;

  static OtpSettings read(service::Settings& settings);
};

}  // namespace carillon::otp
