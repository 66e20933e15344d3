// POST /api/admin/messages, /api/admin/sms/test-send and /api/admin/templates/{key}/test-send: messages by hand.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/send_by_hand.hpp"

namespace carillon::orchestrator {

// `guard` lets only admins through. Handlers block on the database.
void add_manual_message_routes(http::Router& router, SendByHand& send, http::Guard guard);

}  // namespace carillon::orchestrator
