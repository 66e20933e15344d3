// GET /api/admin/templates, /{key} and /{key}/versions/{version}: what there is to send, with versions and words. POST
// /{key}/versions, /activate, /active and /preview: changing it, and seeing what it would look like.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/edit_templates.hpp"
#include "orchestrator/app/preview_template.hpp"
#include "postgres/pool.hpp"

namespace carillon::orchestrator {

// `guard` lets only admins through. Handlers block on the pool.
void add_template_routes(http::Router& router, pg::Pool& pool, EditTemplates& edit, const PreviewTemplate& show,
                         const http::Guard& guard);

}  // namespace carillon::orchestrator
