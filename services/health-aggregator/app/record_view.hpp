// Who looked at a message's recipient in clear, as the audit entry MESSAGE_DETAIL_VIEWED. Blocks on the database and
// throws the pg:: errors: who can't be recorded sees nothing.
#pragma once
#include <string>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "time/utc_time.hpp"

namespace carillon::health {

struct View {
  std::string actor;  // "api:<owner of the key>", "account:<id>"
  std::string message_id, client_id;
  std::string traceparent;
};

void record_view(pg::Pool& pool, bus::Bus& bus, const View& view, UtcTime now);

}  // namespace carillon::health
