#include "provisioning/adapters/http_number_pool.hpp"

#include <rapidjson/document.h>

#include <charconv>

#include "events/json.hpp"
#include "http/media_type.hpp"
#include "provisioning/adapters/http_answers.hpp"
#include "values/recipient.hpp"

namespace carillon::provisioning {
namespace {

using http::json_string;

constexpr int list_rows_default = 50;

std::string flag(bool value) {
  return value ? "true" : "false";
}

// {success, phone_e164, reason}; with a problem around it where it is none.
http::Response allocate(const http::Request& request, ManagePool& pool) {
  const Allocation allocation = pool.allocate(request.params.at("id"), caller_of(request).actor);
  const std::string reason(name(allocation.reason));
  const std::string members = "\"success\":" + flag(allocation.success()) + ",\"phone_e164\":" +
                              (allocation.phone_e164.empty() ? "null" : json_string(allocation.phone_e164)) +
                              ",\"reason\":" + json_string(reason);
  switch (allocation.reason) {
    case AllocationReason::CLIENT_NOT_FOUND:
      return http::problem(404, reason, "id: there is no such client", members);
    case AllocationReason::POOL_EMPTY:
      return http::problem(409, reason, "no number is available; the client waits for one", members);
    case AllocationReason::ALLOCATION_ERROR:
      return http::problem(500, reason, "the number could not be given; the log says why", members);
    default:
      return http::json(200, "{" + members + "}");
  }
}

Result<std::vector<std::string>> read_numbers(const http::Request& request) {
  if (http::media_type(request) != "application/json")
    return Failure{"UNSUPPORTED_MEDIA_TYPE", "send application/json"};
  const auto object = events::parse_object(request.body);
  if (!object) return object.error();
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(object->text.data(), object->text.size());
  const auto numbers = document.FindMember("numbers");
  if (numbers == document.MemberEnd() || document.MemberCount() != 1 || !numbers->value.IsArray())
    return Failure{"INVALID_FIELD", "numbers: give a list of numbers, and nothing else"};
  std::vector<std::string> texts;
  for (const auto& number : numbers->value.GetArray()) {
    if (!number.IsString()) return Failure{"INVALID_FIELD", "numbers: must be texts like \"+441632960001\""};
    texts.emplace_back(number.GetString(), number.GetStringLength());
  }
  if (texts.empty() || texts.size() > pool_numbers_max)
    return Failure{"INVALID_FIELD", "numbers: give 1 to " + std::to_string(pool_numbers_max)};
  return texts;
}

http::Response add(const http::Request& request, ManagePool& pool) {
  const auto numbers = read_numbers(request);
  if (!numbers) return refused(numbers.error());
  const AddedNumbers result = pool.add(*numbers, caller_of(request).actor);
  std::string out = "{\"added\":" + std::to_string(result.added) + ",\"known\":" + std::to_string(result.known) +
                    ",\"repeated\":" + std::to_string(result.read.repeated) + ",\"refused\":[";
  bool first = true;
  for (const auto& each : result.read.refused) {
    out += (first ? "" : ",") + ("{\"position\":" + std::to_string(each.position)) +
           ",\"detail\":" + json_string(each.detail) + "}";
    first = false;
  }
  return http::json(200, out + "]}");
}

http::Response stats(ManagePool& pool) {
  const PoolFigures figures = pool.figures();
  return http::json(200, "{\"total\":" + std::to_string(figures.counts.total()) +
                             ",\"byStatus\":{\"AVAILABLE\":" + std::to_string(figures.counts.available) +
                             ",\"RESERVED\":" + std::to_string(figures.counts.reserved) +
                             ",\"ASSIGNED\":" + std::to_string(figures.counts.assigned) +
                             "},\"waiting\":" + std::to_string(figures.waiting) + "}");
}

http::Response health(ManagePool& pool, int warning_threshold) {
  const PoolFigures figures = pool.figures();
  return http::json(200, "{\"healthy\":" + flag(is_healthy(figures.counts, warning_threshold)) +
                             ",\"availableCount\":" + std::to_string(figures.counts.available) +
                             ",\"warningThreshold\":" + std::to_string(warning_threshold) + "}");
}

Result<int> read_limit(const http::Request& request) {
  for (const auto& [name, value] : request.query) {
    if (name != "limit") return Failure{"INVALID_FIELD", "query: only limit is known"};
    int limit = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), limit);
    if (error == std::errc{} && end == value.data() + value.size() && limit >= 1 && limit <= pool_list_rows_max)
      return limit;
    return Failure{"INVALID_FIELD", "limit: must be a number from 1 to " + std::to_string(pool_list_rows_max)};
  }
  return list_rows_default;
}

http::Response waiting(const http::Request& request, ManagePool& pool) {
  const auto limit = read_limit(request);
  if (!limit) return refused(limit.error());
  std::string out = "{\"items\":[";
  bool first = true;
  for (const WaitingClient& client : pool.waiting(*limit)) {
    out += (first ? "" : ",") + ("{\"client_id\":" + json_string(client.client_id)) +
           ",\"since\":" + json_string(to_rfc3339(client.since)) +
           ",\"business_name\":" + json_string(client.business_name) +
           ",\"owner_phone\":" + json_string(client.owner_phone.empty() ? "" : masked(client.owner_phone)) +
           ",\"onboarding_state\":" + json_string(client.onboarding_state) +
           ",\"payment_active\":" + flag(client.payment_active) + "}";
    first = false;
  }
  return http::json(200, out + "]}");
}

http::Response recent(const http::Request& request, ManagePool& pool) {
  const auto limit = read_limit(request);
  if (!limit) return refused(limit.error());
  std::string out = "{\"items\":[";
  bool first = true;
  for (const RecentNumber& number : pool.recent(*limit)) {
    out += (first ? "" : ",") + ("{\"phone_e164\":" + json_string(masked(number.phone_e164))) +
           ",\"client_id\":" + json_string(number.client_id) +
           ",\"business_name\":" + json_string(number.business_name) +
           ",\"assigned_at\":" + json_string(to_rfc3339(number.assigned_at)) + "}";
    first = false;
  }
  return http::json(200, out + "]}");
}

}  // namespace

void add_number_pool_routes(http::Router& router, ManagePool& pool, int warning_threshold, const http::Guard& guard) {
  using http::Request;
  router.add(
      http::Method::POST, "/api/admin/clients/{id}/allocate-number",
      [&pool](const Request& request) { return allocate(request, pool); }, guard);
  router.add(
      http::Method::GET, "/api/admin/number-pool/stats", [&pool](const Request&) { return stats(pool); }, guard);
  router.add(
      http::Method::GET, "/api/admin/number-pool/health",
      [&pool, warning_threshold](const Request&) { return health(pool, warning_threshold); }, guard);
  router.add(
      http::Method::GET, "/api/admin/number-pool/waiting",
      [&pool](const Request& request) { return waiting(request, pool); }, guard);
  router.add(
      http::Method::GET, "/api/admin/number-pool/recent",
      [&pool](const Request& request) { return recent(request, pool); }, guard);
  router.add(
      http::Method::POST, "/api/admin/number-pool/numbers",
      [&pool](const Request& request) { return add(request, pool); }, guard);
}

}  // namespace carillon::provisioning
