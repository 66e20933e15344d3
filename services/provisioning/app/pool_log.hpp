// The log's lines about numbers and onboarding, kept until the transaction that they tell of is committed. Each holds
// client_id, owner_phone (the log masks it) and timestamp.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "time/utc_time.hpp"

namespace carillon::provisioning {

struct PoolLine {
  std::string_view event;
  std::string client_id, owner_phone;
  UtcTime at{};
  std::string phone_e164 = {};                           // NUMBER_ALLOCATED; masked by the log
  std::string error = {};                                // POOL_ALLOCATION_ERROR
  std::string_view current_state = {}, next_state = {};  // ONBOARDING_BLOCKED_NO_TWILIO_NUMBER
};

class PoolLog {
 public:
  void add(PoolLine line) { lines_.push_back(std::move(line)); }
  void write();  // after the commit
  void clear() { lines_.clear(); }
  const std::vector<PoolLine>& lines() const { return lines_; }

 private:
  std::vector<PoolLine> lines_;
};

}  // namespace carillon::provisioning
