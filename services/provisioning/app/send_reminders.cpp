#include "provisioning/app/send_reminders.hpp"

#include "http/message.hpp"
#include "provisioning/core/compliance_due.hpp"
#include "provisioning_sql.hpp"

namespace carillon::provisioning {
namespace {

using http::json_string;

struct ExpiringClient {
  std::string id;
  std::int64_t version = 0;
  bool gets_sms = false;
  Date today{};
  std::vector<ExpiringItem> items;
};

std::vector<ExpiringClient> find_expiring(const JobBatch& batch, int days_max) {
  pg::Params params;
  add_zone_days(params, batch.zones);
  params.add(batch.after).add(days_max).add(clients_per_batch_max);
  std::vector<ExpiringClient> clients;
  for (const auto& row : batch.tx.run(provisioning_sql::find_expiring_items, params)) {
    if (clients.empty() || clients.back().id != row["client_id"].c_str())
      clients.push_back({row["client_id"].c_str(),
                         row["version"].as<std::int64_t>(),
                         row["gets_sms"].as<bool>(),
                         read_date(row["today"].c_str()).value(),
                         {}});
    ExpiringItem item;
    item.id = row["item_id"].c_str();
    item.name = row["name"].c_str();
    item.expires_on = read_date(row["expires_on"].c_str()).value();
    if (!row["reminded_days"].is_null()) item.reminded_days = row["reminded_days"].as<int>();
    if (!row["date_named_at"].is_null()) item.date_named_at = pg::to_utc(row["date_named_at"].c_str());
    clients.back().items.push_back(std::move(item));
  }
  return clients;
}

// An item and a window are in one mail only, so the first of a mail tells it from all others.
std::string key_of(const DueReminder& first, const char* channel) {
  return "compliance-reminder/" + first.item->id + "/" + to_iso(first.item->expires_on) + "/" +
         std::to_string(first.window_days) + "/" + channel;
}

std::string days_left_json(const ExpiringClient& client, const ExpiringItem& item) {
  const int left = days_between(client.today, item.expires_on);
  return left > 0 ? ",\"days_left\":" + std::to_string(left) : "";
}

Notice email(const ExpiringClient& client, const std::vector<DueReminder>& due) {
  const ExpiringItem& first = *due.front().item;
  std::string variables =
      "{\"expiry_date\":" + json_string(for_people(first.expires_on)) + days_left_json(client, first) + ",\"items\":[";
  for (const DueReminder& one : due)
    variables += (&one == due.data() ? "" : ",") + ("{\"name\":" + json_string(one.item->name)) +
                 ",\"expires_on\":" + json_string(for_people(one.item->expires_on)) + "}";
  return {.template_key = "COMPLIANCE_EXPIRY_REMINDER",
          .client_id = client.id,
          .client_version = client.version,
          .idempotency_key = key_of(due.front(), "EMAIL"),
          .variables = std::move(variables) + "]}",
          .reason = "compliance items expire"};
}

Notice sms(const ExpiringClient& client, const std::vector<DueReminder>& due) {
  const ExpiringItem& first = *due.front().item;
  std::string variables =
      "{\"expiry_date\":" + json_string(short_for_people(first.expires_on)) + ",\"item\":" + json_string(first.name);
  if (due.size() > 1) variables += ",\"more\":" + std::to_string(due.size() - 1);
  return {.template_key = "COMPLIANCE_EXPIRY_REMINDER_SMS",
          .client_id = client.id,
          .client_version = client.version,
          .idempotency_key = key_of(due.front(), "SMS"),
          .variables = std::move(variables) + "}",
          .reason = "compliance items expire"};
}

}  // namespace

BatchOutcome send_reminders(const JobBatch& batch, const std::vector<int>& windows) {
  const auto clients = find_expiring(batch, windows.back());
  BatchOutcome outcome;
  if (clients.empty()) return outcome;
  outcome.last_client = clients.back().id;
  outcome.is_last = clients.size() < static_cast<std::size_t>(clients_per_batch_max);
  pg::Array items, dates, days, owners, mail_dates;
  for (const ExpiringClient& client : clients) {
    const auto due = due_reminders(client.items, client.today, windows, batch.now);
    if (due.empty()) continue;
    for (const DueReminder& one : due) {
      items.add(one.item->id);
      dates.add(to_iso(one.item->expires_on));
      days.add(one.window_days);
      owners.add(client.id);
      mail_dates.add(to_iso(due.front().item->expires_on));
    }
    publish_notice(batch.out, email(client, due), batch.now);
    if (client.gets_sms) publish_notice(batch.out, sms(client, due), batch.now);
    outcome.counts += {1, static_cast<int>(due.size()), 1, client.gets_sms ? 1 : 0};
  }
  if (items.size() > 0)
    batch.tx.run(provisioning_sql::put_reminders, pg::Params()
                                                      .add(std::move(items))
                                                      .add(std::move(dates))
                                                      .add(std::move(days))
                                                      .add(std::move(owners))
                                                      .add(std::move(mail_dates))
                                                      .add(batch.now));
  return outcome;
}

}  // namespace carillon::provisioning
