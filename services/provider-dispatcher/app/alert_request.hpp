// How the dispatcher tells people of trouble: a send request on notification.send-requests.v1, like everybody's.
#pragma once
#include <string>
#include <string_view>

#include "bus/outbox.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher {

// `idempotency_key` makes it once; `variables` is the JSON object that the template's placeholders stand for.
void request_alert(bus::Outbox& out, std::string_view template_key, const std::string& idempotency_key,
                   std::string variables, std::string_view reason, UtcTime now);

}  // namespace carillon::dispatcher
