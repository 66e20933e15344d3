// Settings of the health-aggregator.
#pragma once
#include <chrono>
#include <string>

#include "health-aggregator/core/spike.hpp"
#include "service/settings.hpp"

namespace carillon::health {

struct HealthSettings {
  std::string audit_key;  // 32 raw bytes
  std::chrono::days message_log_retention{90};
  std::chrono::days recipient_retention{30};  // in clear
  std::chrono::days rollup_retention{400};
  std::chrono::days audit_retention{2'555};
  int query_connections = 4;
  SpikeRule spike;
  std::chrono::seconds spike_interval{300};

  static HealthSettings read(service::Settings& settings);
};

}  // namespace carillon::health
