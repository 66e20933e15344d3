// One message as its page shows it. Pure.
#pragma once
#include "health-aggregator/core/message_state.hpp"
#include "pages/page.hpp"

namespace carillon::health {

pages::Values message_values(const MessageView& message, bool in_clear, UtcTime now);

}  // namespace carillon::health
