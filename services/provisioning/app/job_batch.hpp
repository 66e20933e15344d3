// What a scheduled job does at a time: the next so many clients, in one transaction with the rows that say that they
// were told. So a run that breaks off is gone on with, and nobody is told twice or not at all.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "bus/outbox.hpp"
#include "postgres/connection.hpp"
#include "provisioning/core/scheduled_job.hpp"
#include "time/utc_time.hpp"

namespace carillon::provisioning {

inline constexpr int clients_per_batch_max = 500;
inline constexpr int reports_per_batch_max = 50;  // each with its file

struct ZoneDay {
  std::string time_zone;
  Date today;  // there
};

struct JobBatch {
  pg::Transaction& tx;
  bus::Outbox& out;
  std::span<const ZoneDay> zones;  // whose clients it is about
  std::string after;               // the last client of the batch before; "": the first batch
  UtcTime now;
};

struct BatchOutcome {
  RunCounts counts;
  std::string last_client;
  bool is_last = true;
};

// A send request to one client, or about one to the admins. Its message id.
struct Notice {
  std::string template_key;
  std::string client_id;
  std::int64_t client_version = 0;  // gating waits for it; 0: it needn't
  std::string idempotency_key;      // within this service
  std::string variables;            // JSON object
  std::vector<std::string> attachments = {};
  std::string requested_by = {};  // "": this service
  std::string reason;
};
std::string publish_notice(bus::Outbox& out, Notice notice, UtcTime now, std::string_view traceparent = {});

// The parallel arrays of time_zone and today that most queries begin with.
void add_zone_days(pg::Params& params, std::span<const ZoneDay> zones);
// Notes that these clients were told of these periods, in parallel arrays; each once.
void put_client_notices(const JobBatch& batch, ScheduledJob job, pg::Array&& clients, pg::Array&& periods);

}  // namespace carillon::provisioning
