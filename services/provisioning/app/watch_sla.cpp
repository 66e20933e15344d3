#include "provisioning/app/watch_sla.hpp"

#include "http/message.hpp"
#include "provisioning_sql.hpp"

namespace carillon::provisioning {
namespace {

using http::json_string;

constexpr std::size_t items_named_max = 20;  // in one alert; the list of items shows all

struct WatchedClient {
  std::string id, business_name;
  Date today{};
  std::vector<WatchedItem> items;
};

std::vector<WatchedClient> find_watched(const JobBatch& batch, const SlaBounds& bounds) {
  pg::Params params;
  add_zone_days(params, batch.zones);
  params.add(batch.after).add(bounds.expired_days).add(bounds.verification_days).add(clients_per_batch_max);
  std::vector<WatchedClient> clients;
  for (const auto& row : batch.tx.run(provisioning_sql::find_overdue_items, params)) {
    if (clients.empty() || clients.back().id != row["client_id"].c_str())
      clients.push_back(
          {row["client_id"].c_str(), row["business_name"].c_str(), read_date(row["today"].c_str()).value(), {}});
    WatchedItem item;
    item.id = row["item_id"].c_str();
    item.name = row["name"].c_str();
    item.expires_on = read_date(row["expires_on"].c_str()).value();
    item.status = row["status"].c_str();
    item.status_since = pg::to_utc(row["status_since"].c_str());
    item.expired_alerted = row["expired_alerted"].as<bool>();
    item.unverified_alerted = row["unverified_alerted"].as<bool>();
    clients.back().items.push_back(std::move(item));
  }
  return clients;
}

// What an alert is remembered by, beside item and breach: an item with a new date may be let go again.
Date since(const MissedSla& missed) {
  return missed.breach == SlaBreach::EXPIRED ? missed.item->expires_on : date_of(missed.item->status_since);
}

std::string names_of(const std::vector<MissedSla>& missed) {
  std::string names;
  for (std::size_t i = 0; i < missed.size() && i < items_named_max; ++i)
    names += (i == 0 ? "" : ", ") + missed[i].item->name +
             (missed[i].breach == SlaBreach::UNVERIFIED ? " (not verified)" : "");
  if (missed.size() > items_named_max) names += " and " + std::to_string(missed.size() - items_named_max) + " more";
  return names;
}

Notice alert(const WatchedClient& client, const std::vector<MissedSla>& missed) {
  const MissedSla& first = missed.front();
  const int overdue = days_between(first.due_on, client.today);
  return {.template_key = "COMPLIANCE_SLA_ALERT",
          .client_id = client.id,
          .idempotency_key = "compliance-sla/" + first.item->id + "/" + std::string(name_of(first.breach)) + "/" +
                             to_iso(since(first)),
          .variables =
              "{\"client_name\":" + json_string(client.business_name.empty() ? client.id : client.business_name) +
              ",\"item\":" + json_string(names_of(missed)) + ",\"due_at\":" + json_string(for_people(first.due_on)) +
              ",\"overdue_by\":" + json_string(std::to_string(overdue) + (overdue == 1 ? " day" : " days")) + "}",
          .reason = "compliance items are overdue"};
}

}  // namespace

BatchOutcome watch_sla(const JobBatch& batch, const SlaBounds& bounds) {
  const auto clients = find_watched(batch, bounds);
  BatchOutcome outcome;
  if (clients.empty()) return outcome;
  outcome.last_client = clients.back().id;
  outcome.is_last = clients.size() < static_cast<std::size_t>(clients_per_batch_max);
  pg::Array items, breaches, dates;
  for (const WatchedClient& client : clients) {
    const auto missed = missed_slas(client.items, client.today, bounds);
    if (missed.empty()) continue;
    for (const MissedSla& one : missed) {
      items.add(one.item->id);
      breaches.add(name_of(one.breach));
      dates.add(to_iso(since(one)));
    }
    publish_notice(batch.out, alert(client, missed), batch.now);
    outcome.counts += {1, static_cast<int>(missed.size()), 1, 0};
  }
  if (items.size() > 0)
    batch.tx.run(provisioning_sql::put_sla_alerts,
                 pg::Params().add(std::move(items)).add(std::move(breaches)).add(std::move(dates)).add(batch.now));
  return outcome;
}

}  // namespace carillon::provisioning
