// Cancelling: POST /api/cancellations/{id} for whoever asked for the message, POST
// /api/admin/cancellations/{id} for operators.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/cancel_message.hpp"

namespace carillon::orchestrator {

void add_cancel_routes(http::Router& router, CancelMessage& cancel, http::Guard sender, http::Guard admin);

}  // namespace carillon::orchestrator
