#include "orchestrator/adapters/http_attachments.hpp"

#include "attachments/attachments.hpp"
#include "orchestrator/core/attachment_rules.hpp"
#include "security/digest.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr const char* path = "/api/attachments";

http::Response refused(int status, const Failure& failure) {
  const std::string_view field = std::string_view(failure.detail).substr(0, failure.detail.find(':'));
  return http::problem(status, failure.code, failure.detail, "\"field\":" + http::json_string(field));
}

std::string stored_json(const attachments::Facts& facts, UtcTime keep_until) {
  return "{\"attachment_id\":\"" + facts.attachment_id + "\",\"file_name\":" + http::json_string(facts.file_name) +
         ",\"content_type\":" + http::json_string(facts.content_type) + ",\"bytes\":" + std::to_string(facts.bytes) +
         ",\"sha256\":\"" + security::hex(facts.sha256) + "\",\"keep_until\":\"" + to_rfc3339(keep_until) + "\"}";
}

http::Response quota_reached(std::int64_t stored, std::int64_t quota) {
  return http::problem(429, "ATTACHMENT_QUOTA_REACHED",
                       "this API key's owner has stored as much as may be kept at once; files are dropped with time",
                       "\"stored_bytes\":" + std::to_string(stored) + ",\"quota_bytes\":" + std::to_string(quota));
}

http::Response store(const http::Request& request, pg::Pool& pool, AttachmentLimits limits, UtcTime now) {
  auto name = read_file_name(request.query);
  if (!name) return refused(400, name.error());
  auto type = read_content_type(http::field(request.headers, "Content-Type"));
  if (!type) return refused(415, type.error());
  if (request.body.empty()) return refused(400, {"INVALID_FIELD", "body: must be the file's bytes; it is empty"});
  attachments::Facts facts;
  facts.attachment_id = new_uuid(now);
  facts.owner = "api:" + request.params.at("api_key_owner");
  facts.file_name = std::move(*name);
  facts.content_type = std::move(*type);
  facts.bytes = static_cast<std::int32_t>(request.body.size());
  facts.sha256 = security::sha256(request.body);
  const UtcTime keep_until = now + limits.retention;
  auto connection = pool.take();
  pg::Transaction tx(*connection);
  const std::int64_t stored = attachments::lock_and_count(tx, facts.owner, now);
  const auto more = static_cast<std::int64_t>(attachments::counted_file_bytes(request.body.size()));
  if (stored + more > limits.bytes_per_owner) return quota_reached(stored, limits.bytes_per_owner);
  attachments::store(tx, facts, request.body, now, keep_until);
  tx.commit();
  return http::json(201, stored_json(facts, keep_until));
}

}  // namespace

void add_attachment_routes(http::Router& router, pg::Pool& pool, const Clock& clock, AttachmentLimits limits,
                           metrics::Registry& metrics, http::Guard guard) {
  const metrics::Counter files =
      metrics.counter("carillon_attachments_stored_total", "Files stored for messages to carry");
  const metrics::Counter bytes =
      metrics.counter("carillon_attachment_bytes_stored_total", "Bytes of files stored for messages to carry");
  router.add(
      http::Method::POST, "/api/attachments",
      [=, &pool, &clock](const http::Request& request) {
        http::Response response = store(request, pool, limits, clock.now());
        if (response.status == 201) {
          files.add();
          bytes.add(static_cast<double>(request.body.size()));
        }
        return response;
      },
      std::move(guard));
  router.allow_large_body(http::Method::POST, path, attachments::attachment_bytes_max);
}

}  // namespace carillon::orchestrator
