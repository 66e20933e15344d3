#include "billing-ingest/app/subscription_book.hpp"

#include <sstream>

#include "billing_sql.hpp"

namespace carillon::billing {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

// The row counts: a version that knows no history may have changed it.
SubscriptionHistory history_of(const std::string& text, const SubscriptionFacts& row) {
  auto history = read_history(text);
  if (history && history->facts() == row) return std::move(*history);
  return {row, {}};
}

pg::Array texts(const std::set<std::string>& all) {
  pg::Array array;
  for (const std::string& each : all) array.add(each);
  return array;
}

}  // namespace

std::vector<Subscription> read_subscriptions(const pqxx::result& rows) {
  std::vector<Subscription> all;
  for (const auto& row : rows) {
    Subscription one;
    one.subscription_id = row[0].c_str();
    one.client_id = row[1].c_str();
    one.customer_id = row[2].c_str();
    one.status = row[3].c_str();
    one.plan = row[4].c_str();
    one.email = row[5].c_str();
    one.name = row[6].c_str();
    if (!row[7].is_null()) one.period_end = pg::to_utc(row[7].c_str());
    one.told_at = pg::to_utc(row[8].c_str());
    one.told_rank = row[9].as<int>();
    one.checkout_paid = row[10].as<bool>();
    one.first_period_open = row[11].as<bool>();
    one.confirmed = words_of(row[12].c_str());
    one.began_at = pg::to_utc(row[13].c_str());
    one.history = history_of(row[14].c_str(), one);
    all.push_back(std::move(one));
  }
  return all;
}

void SubscriptionBook::load(pg::Transaction& tx, std::span<const StripeEvent> events) {
  std::set<std::string> ids, customers, clients;
  for (const StripeEvent& event : events) {
    if (!event.subscription_id.empty()) ids.insert(event.subscription_id);
    if (!event.customer_id.empty()) customers.insert(event.customer_id);
    if (!event.named_client.empty()) clients.insert(event.named_client);
  }
  if (ids.empty()) return;
  for (Subscription& one : read_subscriptions(tx.run(
           billing_sql::load_subscriptions, pg::Params().add(texts(ids)).add(texts(customers)).add(texts(clients))))) {
    std::string id = one.subscription_id;
    subscriptions_.emplace(std::move(id), std::move(one));
  }
}

Known SubscriptionBook::known(const StripeEvent& event) const {
  Known known;
  const auto found = subscriptions_.find(event.subscription_id);
  if (found != subscriptions_.end()) known.subscription = &found->second;
  for (const auto& [id, each] : subscriptions_)
    if (each.client_id == event.named_client && id != event.subscription_id &&
        standing(each.status) > standing("incomplete") && each.customer_id != event.customer_id)
      known.named_client_pays_as_another = true;
  for (const auto& [id, each] : subscriptions_)
    if (!event.customer_id.empty() && each.customer_id == event.customer_id) known.client_of_customer = each.client_id;
  const std::string owner = owner_id(event, known);
  for (const auto& [id, each] : subscriptions_)
    if (each.client_id == owner && id != event.subscription_id && standing(each.status) > standing("incomplete"))
      known.owner_pays_already = true;
  return known;
}

Subscription SubscriptionBook::effective_of(const std::string& client_id) const {
  std::vector<Subscription> of_client;
  for (const auto& [id, each] : subscriptions_)
    if (each.client_id == client_id) of_client.push_back(each);
  const Subscription* best = effective(of_client);
  return best == nullptr ? Subscription{} : *best;
}

void SubscriptionBook::put(const Subscription& changed) {
  subscriptions_[changed.subscription_id] = changed;
  changed_.insert(changed.subscription_id);
}

void SubscriptionBook::store(pg::Transaction& tx, UtcTime now) const {
  if (changed_.empty()) return;
  pg::Array ids, clients, customers, statuses, bought, emails, names, periods, told, ranks, paid, open, confirmed,
      began, histories;
  for (const std::string& id : changed_) {
    const Subscription& one = subscriptions_.at(id);
    ids.add(one.subscription_id);
    clients.add(one.client_id);
    customers.add(one.customer_id);
    statuses.add(one.status);
    bought.add(one.plan);
    emails.add(one.email);
    names.add(one.name);
    periods.add(one.period_end);
    told.add(one.told_at);
    ranks.add(one.told_rank);
    paid.add(one.checkout_paid);
    open.add(one.first_period_open);
    confirmed.add(joined(one.confirmed));
    began.add(one.began_at);
    histories.add(to_text(one.history));
  }
  pg::Params params;
  params.add(std::move(ids)).add(std::move(clients)).add(std::move(customers)).add(std::move(statuses));
  params.add(std::move(bought)).add(std::move(emails)).add(std::move(names)).add(std::move(periods));
  params.add(std::move(told)).add(std::move(ranks)).add(std::move(paid)).add(std::move(open));
  params.add(std::move(confirmed)).add(std::move(began)).add(std::move(histories)).add(now);
  tx.run(billing_sql::put_subscriptions, params);
}

}  // namespace carillon::billing
