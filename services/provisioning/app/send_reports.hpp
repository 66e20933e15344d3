// SCHEDULED_REPORT: a client's compliance items as a CSV file, monthly for who has any, and whenever an owner asks. The
// file is stored in the transaction that asks for the mail.
#pragma once
#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/caller.hpp"
#include "provisioning/app/job_batch.hpp"
#include "time/clock.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

inline constexpr int reports_per_hour_max = 10;  // of one client, on demand

BatchOutcome send_reports(const JobBatch& batch);

// On demand. Thread-safe; blocks on the database; throws pg::Unavailable or pg::Conflict.
class RequestReport {
 public:
  RequestReport(pg::Pool& pool, bus::Bus& bus, const Clock& clock) : pool_(pool), bus_(bus), clock_(clock) {}
  // The message's id. Failures: CLIENT_NOT_FOUND, TOO_MANY_REPORTS.
  Result<std::string> operator()(const std::string& client_id, const Caller& caller);

 private:
  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
};

}  // namespace carillon::provisioning
