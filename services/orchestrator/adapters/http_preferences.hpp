// /api/clients/{id}/preferences, and of one recipient /api/clients/{id}/preferences/{recipient}: what is switched off,
// and the client's quiet hours. For API keys of the scope `preferences`, for the client's OWNER and, to read, STAFF.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/client_preferences.hpp"
#include "orchestrator/app/facts.hpp"

namespace carillon::orchestrator {

inline constexpr const char* preferences_scope = "preferences";

void add_preference_routes(http::Router& router, ClientPreferences& preferences, const Facts& facts,
                           http::Guard readers, http::Guard writers);

}  // namespace carillon::orchestrator
