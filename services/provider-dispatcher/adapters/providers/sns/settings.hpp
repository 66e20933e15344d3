#pragma once
#include <string>

#include "service/settings.hpp"

namespace carillon::dispatcher {

struct SnsSettings {
  std::string sms_type = "Transactional";  // SNS_SMS_TYPE: Promotional or Transactional
  std::string sender_id;                   // SNS_SENDER_ID, "" = the account's default
  std::string base_url;                    // SNS_BASE_URL, without a trailing slash; "" = the region's
  double rate_per_second = 0;              // SNS_RATE_PER_SECOND
  int concurrency = 32;                    // SNS_CONCURRENCY

  static SnsSettings read(service::Settings& settings);
};

}  // namespace carillon::dispatcher
