// /admin/suppressions: who must not be written to, for ADMINs: list, add, remove. Addresses come in by forms only;
// lists, the address bar and the log hold references. Blocks on the database.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/suppressions.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

void add_suppression_pages(http::Router& router, service::Platform& platform, Suppressions& suppressions);

}  // namespace carillon::orchestrator
