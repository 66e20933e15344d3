#include "provisioning/app/edit_compliance_items.hpp"

#include "provisioning/app/client_store.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {
namespace {

Failure no_client() {
  return {"CLIENT_NOT_FOUND", "there is no client of that id"};
}

Failure no_item() {
  return {"COMPLIANCE_ITEM_NOT_FOUND", "the client has no compliance item of that id"};
}

ComplianceItem item_of(const pqxx::row& row) {
  ComplianceItem item;
  item.id = row["id"].c_str();
  item.client_id = row["client_id"].c_str();
  item.name = row["name"].c_str();
  item.expires_on = read_date(row["expires_on"].c_str()).value();
  item.status = row["status"].c_str();
  item.status_since = pg::to_utc(row["status_since"].c_str());
  item.created_at = pg::to_utc(row["created_at"].c_str());
  item.updated_at = pg::to_utc(row["updated_at"].c_str());
  return item;
}

void put(pg::Transaction& tx, const ComplianceItem& item) {
  pg::Params params;
  params.add(item.id).add(item.client_id).add(item.name).add(to_iso(item.expires_on)).add(item.status);
  params.add(item.status_since).add(item.created_at).add(item.updated_at);
  tx.run(provisioning_sql::put_compliance_item, params);
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ",") + std::string(word);
  return out;
}

}  // namespace

Result<ItemPage> EditComplianceItems::list(const std::string& client_id, const ItemFilter& filter) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto client = find_client(tx, client_id, Lock::NO);
  if (!client || client->deleted) return no_client();
  pg::Params params;
  params.add(client_id);
  filter.status ? params.add(*filter.status) : params.add_null();
  if (filter.after) {
    params.add(filter.after->created_at).add(filter.after->id);
  } else {
    params.add_null().add_null();
  }
  params.add(filter.limit + 1);
  ItemPage page;
  for (const auto& row : tx.run(provisioning_sql::list_compliance_items, params)) page.items.push_back(item_of(row));
  if (page.items.size() > static_cast<std::size_t>(filter.limit)) {
    page.items.pop_back();
    page.next = PagePlace{page.items.back().created_at, page.items.back().id};
  }
  return page;
}

Result<ComplianceItem> EditComplianceItems::add(const std::string& client_id, const std::string& body,
                                                const Caller& caller) {
  const UtcTime now = clock_.now();
  auto item = changed_item({}, body, true, now);
  if (!item) return item.error();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto client = find_client(tx, client_id, Lock::FOR_UPDATE);  // so that two at once are counted
  if (!client || client->deleted) return no_client();
  const int count = tx.run(provisioning_sql::count_compliance_items, pg::Params().add(client_id))[0][0].as<int>();
  if (count >= items_per_client_max)
    return Failure{"COMPLIANCE_ITEMS_FULL", "a client may have " + std::to_string(items_per_client_max) +
                                                " compliance items; remove some that are resolved"};
  item->id = new_uuid(now);
  item->client_id = client_id;
  item->created_at = item->updated_at = now;
  put(tx, *item);
  audit_and_commit(tx, "COMPLIANCE_ITEM_ADDED", *item, {}, caller, now);
  return item;
}

Result<ComplianceItem> EditComplianceItems::change(const std::string& client_id, const std::string& item_id,
                                                   const std::string& body, const Caller& caller) {
  if (!is_uuid(item_id)) return no_item();
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto rows = tx.run(provisioning_sql::lock_compliance_item, pg::Params().add(client_id).add(item_id));
  if (rows.empty()) return no_item();
  const ComplianceItem before = item_of(rows[0]);
  auto after = changed_item(before, body, false, now);
  if (!after) return after.error();
  const auto fields = changed_fields(before, *after);
  if (fields.empty()) return before;
  after->updated_at = now;
  put(tx, *after);
  audit_and_commit(tx, "COMPLIANCE_ITEM_CHANGED", *after, joined(fields), caller, now);
  return after;
}

std::optional<Failure> EditComplianceItems::remove(const std::string& client_id, const std::string& item_id,
                                                   const Caller& caller) {
  if (!is_uuid(item_id)) return no_item();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto removed = tx.run(provisioning_sql::remove_compliance_item, pg::Params().add(client_id).add(item_id));
  if (removed.affected_rows() == 0) return no_item();
  ComplianceItem item;
  item.id = item_id;
  item.client_id = client_id;
  audit_and_commit(tx, "COMPLIANCE_ITEM_REMOVED", item, {}, caller, clock_.now());
  return std::nullopt;
}

void EditComplianceItems::audit_and_commit(pg::Transaction& tx, const char* action, const ComplianceItem& item,
                                           std::string fields, const Caller& caller, UtcTime now) {
  bus::Outbox out;
  AuditFacts facts{action, caller.actor, "compliance_item", item.id, item.client_id, "OK"};
  if (!fields.empty()) facts.details = {{"fields", std::move(fields)}};
  publish_audit(out, std::move(facts), now, caller.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
}

}  // namespace carillon::provisioning
