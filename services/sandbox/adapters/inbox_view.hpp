// The data of the inbox page, for its template.
#pragma once
#include <kainjow/mustache.hpp>
#include <string_view>

#include "sandbox/adapters/http_session.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

// `request.query`: id (the message shown), before (list from here back), q (recipient or subject contains), provider.
kainjow::mustache::data inbox_view(const SandboxState& state, const HttpRequest& request);

}  // namespace carillon::sandbox
