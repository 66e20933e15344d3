#include "provisioning/app/job_batch.hpp"

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {

// accepted_at is the moment that the rows note as sent_at: the pipe's rate window counts from it, as the core does.
std::string publish_notice(bus::Outbox& out, Notice notice, UtcTime now, std::string_view traceparent) {
  events::SendRequest request;
  request.message_id = new_uuid(now);
  request.source = event_source;
  request.idempotency_key = std::move(notice.idempotency_key);
  request.template_key = std::move(notice.template_key);
  request.client_id = std::move(notice.client_id);
  request.variables.text = std::move(notice.variables);
  request.min_client_version = notice.client_version;
  request.accepted_at = now;
  request.attachments = std::move(notice.attachments);
  request.context =
      events::Context{notice.requested_by.empty() ? std::string(event_source) : std::move(notice.requested_by),
                      std::move(notice.reason)};
  out.publish(bus::topics::send_requests,
              {request.client_id,
               events::binary_headers("carillon.send-request.v1", event_source, request.message_id, now, traceparent),
               events::to_json(request)});
  return request.message_id;
}

void add_zone_days(pg::Params& params, std::span<const ZoneDay> zones) {
  pg::Array names, dates;
  for (const ZoneDay& zone : zones) {
    names.add(zone.time_zone);
    dates.add(to_iso(zone.today));
  }
  params.add(std::move(names)).add(std::move(dates));
}

void put_client_notices(const JobBatch& batch, ScheduledJob job, pg::Array&& clients, pg::Array&& periods) {
  if (clients.size() == 0) return;
  batch.tx.run(provisioning_sql::put_client_notices,
               pg::Params().add(name_of(job)).add(std::move(clients)).add(std::move(periods)).add(batch.now));
}

}  // namespace carillon::provisioning
