#include "provisioning/app/send_reports.hpp"

#include "attachments/attachments.hpp"
#include "http/message.hpp"
#include "provisioning/app/client_store.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning/core/compliance_report.hpp"
#include "provisioning_sql.hpp"
#include "security/digest.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {
namespace {

using http::json_string;

constexpr std::chrono::hours report_kept_for{7 * 24};  // the pipe keeps it longer when it takes the message
constexpr std::chrono::hours limit_window{1};

ComplianceItem item_of(const pqxx::row& row) {
  ComplianceItem item;
  item.name = row["name"].c_str();
  item.expires_on = read_date(row["expires_on"].c_str()).value();
  item.status = row["status"].c_str();
  return item;
}

attachments::NewFile report_file(const std::vector<ComplianceItem>& items, Date today, UtcTime now) {
  attachments::NewFile file;
  file.content = compliance_csv(items, today);
  file.facts.attachment_id = new_uuid(now);
  file.facts.owner = event_source;
  file.facts.file_name = "compliance-" + to_iso(today) + ".csv";
  file.facts.content_type = report_content_type;
  file.facts.bytes = static_cast<std::int32_t>(file.content.size());
  file.facts.sha256 = security::sha256(file.content);
  return file;
}

Notice report(const std::string& client_id, std::int64_t version, const std::string& period_key,
              const std::string& period, const std::string& file_id) {
  return {.template_key = "SCHEDULED_REPORT",
          .client_id = client_id,
          .client_version = version,
          .idempotency_key = "report/" + client_id + "/" + period_key,
          .variables = "{\"report_name\":\"Compliance report\",\"period\":" + json_string(period) + "}",
          .attachments = {file_id},
          .reason = "a report"};
}

struct ReportedClient {
  std::string id;
  std::int64_t version = 0;
  Date today{};
  std::string period;
  std::vector<ComplianceItem> items;
};

std::vector<ReportedClient> find_reported(const JobBatch& batch) {
  pg::Params params;
  add_zone_days(params, batch.zones);
  pg::Array periods;
  for (const ZoneDay& zone : batch.zones) periods.add(to_iso(month_before(zone.today)));
  params.add(std::move(periods)).add(batch.after).add(name_of(ScheduledJob::SCHEDULED_REPORTS));
  params.add(reports_per_batch_max);
  std::vector<ReportedClient> clients;
  for (const auto& row : batch.tx.run(provisioning_sql::find_report_items, params)) {
    if (clients.empty() || clients.back().id != row["client_id"].c_str())
      clients.push_back({row["client_id"].c_str(),
                         row["version"].as<std::int64_t>(),
                         read_date(row["today"].c_str()).value(),
                         row["period"].c_str(),
                         {}});
    clients.back().items.push_back(item_of(row));
  }
  return clients;
}

}  // namespace

BatchOutcome send_reports(const JobBatch& batch) {
  BatchOutcome outcome;
  pg::Array clients, told;
  std::vector<attachments::NewFile> files;
  for (const ReportedClient& client : find_reported(batch)) {
    files.push_back(report_file(client.items, client.today, batch.now));
    publish_notice(batch.out,
                   report(client.id, client.version, client.period, month_for_people(read_date(client.period).value()),
                          files.back().facts.attachment_id),
                   batch.now);
    clients.add(client.id);
    told.add(client.period);
    outcome.last_client = client.id;
    outcome.counts += {1, static_cast<int>(client.items.size()), 1, 0};
  }
  outcome.is_last = outcome.counts.clients < reports_per_batch_max;
  if (!files.empty()) attachments::store(batch.tx, files, batch.now, batch.now + report_kept_for);
  put_client_notices(batch, ScheduledJob::SCHEDULED_REPORTS, std::move(clients), std::move(told));
  return outcome;
}

Result<std::string> RequestReport::operator()(const std::string& client_id, const Caller& caller) {
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto client = find_client(tx, client_id, Lock::FOR_UPDATE);  // so that two at once are counted
  if (!client || client->deleted) return Failure{"CLIENT_NOT_FOUND", "there is no client of that id"};
  const std::string job(name_of(ScheduledJob::SCHEDULED_REPORTS));
  const int recent =
      tx.run(provisioning_sql::count_recent_notices, pg::Params().add(job).add(client_id).add(now - limit_window))[0][0]
          .as<int>();
  if (recent >= reports_per_hour_max)
    return Failure{"TOO_MANY_REPORTS", "a client may ask for " + std::to_string(reports_per_hour_max) +
                                           " reports an hour; try again later"};
  std::vector<ComplianceItem> items;
  for (const auto& row : tx.run(provisioning_sql::find_items_of_client, pg::Params().add(client_id)))
    items.push_back(item_of(row));
  const Date today = local_date(client->time_zone, now);
  const std::vector<attachments::NewFile> files{report_file(items, today, now)};
  attachments::store(tx, files, now, now + report_kept_for);
  bus::Outbox out;
  const std::string id = new_uuid(now);
  Notice notice = report(client_id, client->version, id, for_people(today), files.front().facts.attachment_id);
  notice.requested_by = caller.actor;
  std::string message_id = publish_notice(out, std::move(notice), now, caller.traceparent);
  pg::Array clients, periods;
  clients.add(client_id);
  periods.add(id);
  put_client_notices({tx, out, {}, {}, now}, ScheduledJob::SCHEDULED_REPORTS, std::move(clients), std::move(periods));
  publish_audit(out, {"REPORT_REQUESTED", caller.actor, "client", client_id, client_id, "OK"}, now, caller.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  return message_id;
}

}  // namespace carillon::provisioning
