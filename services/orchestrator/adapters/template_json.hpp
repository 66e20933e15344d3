// Templates, previews and refusals as the admin API shows them.
#pragma once
#include <string>

#include "http/message.hpp"
#include "orchestrator/app/edit_templates.hpp"
#include "orchestrator/app/preview_template.hpp"

namespace carillon::orchestrator {

std::string json_list(const std::vector<std::string>& items);  // of JSON values
std::string meta_members(const TemplateMeta& meta);            // "\"key\":…,…" without braces
std::string preview_json(const Preview& preview);
std::string problems_json(const std::vector<DraftProblem>& problems);

// The status belongs to the failure's code; a detail that begins with a member's name names it as `field`.
http::Response template_refusal(const Failure& failure);

// Who made or changed something, of a request that a guard let through.
Editor editor_of(const http::Request& request);

}  // namespace carillon::orchestrator
