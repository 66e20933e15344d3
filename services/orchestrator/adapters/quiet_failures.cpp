#include "orchestrator/adapters/quiet_failures.hpp"

#include <exception>

#include "postgres/errors.hpp"
#include "service/log.hpp"

namespace carillon::orchestrator {
namespace {

http::Response retry_later(std::string_view code, std::string_view detail) {
  http::Response response = http::problem(503, code, detail);
  response.headers.emplace_back("Retry-After", "2");
  return response;
}

// Inside a catch clause.
http::Response answer_to_exception(const std::string& trace_id) {
  try {
    throw;
  } catch (const pg::Unavailable& failure) {
    log::warn("database_unavailable", {{"error", failure.what()}}, trace_id);
    return retry_later("DATABASE_UNAVAILABLE", "the database can't be reached; the same request again is safe");
  } catch (const pg::Conflict& failure) {
    log::info("database_conflict", {{"error", failure.what()}}, trace_id);
    return retry_later("DATABASE_CONFLICT", "another request changed the same data; try again");
  } catch (const std::exception& failure) {
    log::error("request_failed", {{"error", failure.what()}}, trace_id);
    return http::problem(500, "INTERNAL_ERROR", "an internal error; the log has it under trace id " + trace_id);
  }
}

}  // namespace

http::Handler quiet_handler(http::Handler handler) {
  return [handler = std::move(handler)](const http::Request& request) {
    try {
      return handler(request);
    } catch (...) {
      return answer_to_exception(request.trace_id);
    }
  };
}

http::Guard quiet_guard(http::Guard guard) {
  return [guard = std::move(guard)](http::Request& request) -> std::optional<http::Response> {
    try {
      return guard(request);
    } catch (...) {
      return answer_to_exception(request.trace_id);
    }
  };
}

}  // namespace carillon::orchestrator
