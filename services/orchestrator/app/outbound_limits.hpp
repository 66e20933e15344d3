// The limits per minute in force: the settings, overridden at run time by table notification_outbound_limits.
#pragma once
#include <atomic>
#include <cstdint>

#include "events/events.hpp"
#include "orchestrator/settings.hpp"
#include "postgres/connection.hpp"

namespace carillon::orchestrator {

class OutboundLimits {
 public:
  explicit OutboundLimits(const OrchestratorSettings& settings);
  void refresh(pg::Connection& connection);        // call each second
  std::int64_t of(events::Channel channel) const;  // 0 = none. Thread-safe

 private:
  const std::int64_t email_default_, sms_default_;
  std::atomic<std::int64_t> email_, sms_;
};

}  // namespace carillon::orchestrator
