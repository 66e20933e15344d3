// POST /api/onboarding/messages: the conversation by API, for other gateways than Twilio and for trying out.
#pragma once
#include "http/router.hpp"
#include "provisioning/app/converse.hpp"

namespace carillon::provisioning {

inline constexpr const char* onboarding_scope = "onboarding";

void add_onboarding_routes(http::Router& router, Converse& converse, const http::Guard& guard);

}  // namespace carillon::provisioning
