#include "provisioning/app/pool_log.hpp"

#include "service/log.hpp"

namespace carillon::provisioning {

void PoolLog::write() {
  for (const PoolLine& line : lines_) {
    const log::Value at = to_rfc3339(line.at);
    if (!line.error.empty()) {
      log::error(
          line.event,
          {{"client_id", line.client_id}, {"owner_phone", line.owner_phone}, {"timestamp", at}, {"error", line.error}});
    } else if (!line.phone_e164.empty()) {
      log::info(line.event, {{"client_id", line.client_id},
                             {"owner_phone", line.owner_phone},
                             {"timestamp", at},
                             {"phone_e164", line.phone_e164}});
    } else if (!line.current_state.empty()) {
      log::warn(line.event, {{"client_id", line.client_id},
                             {"owner_phone", line.owner_phone},
                             {"timestamp", at},
                             {"current_state", line.current_state},
                             {"next_state", line.next_state}});
    } else {
      log::info(line.event, {{"client_id", line.client_id}, {"owner_phone", line.owner_phone}, {"timestamp", at}});
    }
  }
  lines_.clear();
}

}  // namespace carillon::provisioning
