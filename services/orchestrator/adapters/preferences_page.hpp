// The page /settings/preferences: what a client's OWNER wants to get, by kind of message and channel, and its quiet
// hours. STAFF sees it and changes nothing.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/client_preferences.hpp"
#include "orchestrator/app/facts.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

void add_preferences_page(http::Router& router, service::Platform& platform, ClientPreferences& preferences,
                          const Facts& facts);

}  // namespace carillon::orchestrator
