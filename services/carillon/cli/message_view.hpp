// One message as people see it, and waiting for its outcome.
#pragma once
#include <rapidjson/document.h>

#include <chrono>
#include <string>

#include "carillon/cli/api.hpp"

namespace carillon::cli {

bool is_final(std::string_view status);

// Asks GET /api/notifications/{id} until the status is final; CommandFailed(REFUSED) after `limit`.
rapidjson::Document wait_for_final(Api& api, const std::string& id, std::chrono::milliseconds limit);

std::string message_text(const rapidjson::Value& message);

// One line a status: "12:00:00.123  SENT  postmark  attempt 1  14 ms".
std::string history_line(const rapidjson::Value& entry);

}  // namespace carillon::cli
