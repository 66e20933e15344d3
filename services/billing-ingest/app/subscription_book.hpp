// The subscriptions that one batch of events is about, with those of the same clients: read at the batch's beginning,
// changed in memory event by event, written back at its end. One transaction, one thread.
#pragma once
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "billing-ingest/core/decide_event.hpp"
#include "billing-ingest/core/subscription.hpp"
#include "postgres/connection.hpp"

namespace carillon::billing {

// Rows as the queries load_subscriptions and client_subscriptions give them.
std::vector<Subscription> read_subscriptions(const pqxx::result& rows);

class SubscriptionBook {
 public:
  void load(pg::Transaction& tx, std::span<const StripeEvent> events);
  // Whom the event is about; which clients exist, and what this installation is, is left for the caller.
  Known known(const StripeEvent& event) const;
  // The subscription by which the client is judged now; a default one where it has none.
  Subscription effective_of(const std::string& client_id) const;
  void put(const Subscription& changed);
  void store(pg::Transaction& tx, UtcTime now) const;

 private:
  std::map<std::string, Subscription> subscriptions_;
  std::set<std::string> changed_;
};

}  // namespace carillon::billing
