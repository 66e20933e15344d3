#include "provisioning/app/send_digests.hpp"

#include "http/message.hpp"
#include "provisioning_sql.hpp"

namespace carillon::provisioning {
namespace {

using http::json_string;

constexpr int expires_soon_days = 30;
constexpr std::size_t items_named_max = 50;  // in one digest; its count tells of all

struct UnverifiedClient {
  std::string id;
  std::int64_t version = 0;
  std::string period;
  std::vector<std::string> names;
};

std::string line(const char* label, const pqxx::row& row, const char* column) {
  return "{\"label\":" + json_string(label) + ",\"value\":" + row[column].c_str() + "}";
}

Notice monthly_digest(const pqxx::row& row) {
  const std::string client_id = row["client_id"].c_str(), period = row["period"].c_str();
  const std::string lines = line("Compliance items in force", row, "in_force") + "," +
                            line("Expiring within 30 days", row, "expiring") + "," + line("Expired", row, "expired") +
                            "," + line("Waiting for verification", row, "unverified") + "," +
                            line("Resolved in the month", row, "resolved");
  return {.template_key = "MONTHLY_DIGEST",
          .client_id = client_id,
          .client_version = row["version"].as<std::int64_t>(),
          .idempotency_key = "monthly-digest/" + client_id + "/" + period,
          .variables =
              "{\"month\":" + json_string(month_for_people(read_date(period).value())) + ",\"lines\":[" + lines + "]}",
          .reason = "a month is over"};
}

Notice verification_digest(const UnverifiedClient& client) {
  std::string items;
  for (std::size_t i = 0; i < client.names.size() && i < items_named_max; ++i)
    items += (i == 0 ? "{\"name\":" : ",{\"name\":") + json_string(client.names[i]) + "}";
  return {.template_key = "PENDING_VERIFICATION_DIGEST",
          .client_id = client.id,
          .client_version = client.version,
          .idempotency_key = "verification-digest/" + client.id + "/" + client.period,
          .variables = "{\"count\":" + std::to_string(client.names.size()) + ",\"items\":[" + items + "]}",
          .reason = "items wait for verification"};
}

std::vector<UnverifiedClient> find_unverified(const JobBatch& batch) {
  pg::Array zones, periods;
  for (const ZoneDay& zone : batch.zones) {
    zones.add(zone.time_zone);
    periods.add(to_iso(cadence_date(Cadence::WEEKLY, zone.today)));
  }
  pg::Params params;
  params.add(std::move(zones)).add(std::move(periods)).add(batch.after);
  params.add(name_of(ScheduledJob::PENDING_VERIFICATION_DIGEST)).add(clients_per_batch_max);
  std::vector<UnverifiedClient> clients;
  for (const auto& row : batch.tx.run(provisioning_sql::find_unverified_items, params)) {
    if (clients.empty() || clients.back().id != row["client_id"].c_str())
      clients.push_back({row["client_id"].c_str(), row["version"].as<std::int64_t>(), row["period"].c_str(), {}});
    clients.back().names.emplace_back(row["name"].c_str());
  }
  return clients;
}

}  // namespace

BatchOutcome send_monthly_digests(const JobBatch& batch) {
  pg::Array zones, days, periods, begins, ends;
  for (const ZoneDay& zone : batch.zones) {
    const Date month = month_before(zone.today);
    zones.add(zone.time_zone);
    days.add(to_iso(zone.today));
    periods.add(to_iso(month));
    begins.add(local_moment(zone.time_zone, month, {}));
    ends.add(local_moment(zone.time_zone, cadence_date(Cadence::MONTHLY, zone.today), {}));
  }
  pg::Params params;
  params.add(std::move(zones)).add(std::move(days)).add(std::move(periods)).add(std::move(begins)).add(std::move(ends));
  params.add(batch.after).add(name_of(ScheduledJob::MONTHLY_DIGEST)).add(clients_per_batch_max).add(expires_soon_days);
  BatchOutcome outcome;
  pg::Array clients, told;
  for (const auto& row : batch.tx.run(provisioning_sql::find_month_figures, params)) {
    publish_notice(batch.out, monthly_digest(row), batch.now);
    clients.add(row["client_id"].c_str());
    told.add(row["period"].c_str());
    outcome.last_client = row["client_id"].c_str();
    outcome.counts += {1, row["items"].as<int>(), 1, 0};
  }
  outcome.is_last = outcome.counts.clients < clients_per_batch_max;
  put_client_notices(batch, ScheduledJob::MONTHLY_DIGEST, std::move(clients), std::move(told));
  return outcome;
}

BatchOutcome send_verification_digests(const JobBatch& batch) {
  BatchOutcome outcome;
  pg::Array clients, told;
  for (const UnverifiedClient& client : find_unverified(batch)) {
    publish_notice(batch.out, verification_digest(client), batch.now);
    clients.add(client.id);
    told.add(client.period);
    outcome.last_client = client.id;
    outcome.counts += {1, static_cast<int>(client.names.size()), 1, 0};
  }
  outcome.is_last = outcome.counts.clients < clients_per_batch_max;
  put_client_notices(batch, ScheduledJob::PENDING_VERIFICATION_DIGEST, std::move(clients), std::move(told));
  return outcome;
}

}  // namespace carillon::provisioning
