// One batch of stored events, from reading them to what they change and publish. One transaction, no waiting on
// anything but the database. One instance at a time decides: the transaction holds a lease.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "billing-ingest/app/client_directory.hpp"
#include "billing-ingest/app/subscription_book.hpp"
#include "billing-ingest/settings.hpp"
#include "bus/bus.hpp"
#include "service/metrics.hpp"

namespace carillon::billing {

// A client that the event names may be so new that this instance has not heard of it.
inline constexpr std::chrono::seconds new_client_patience{5};
inline constexpr std::chrono::milliseconds new_client_pause{200};

// What an event has come to, as it is stored.
struct Settled {
  std::string event_id, status, reason;
  int attempts = 0;
  UtcTime due_at{};
  std::string client_id = {}, customer_id = {}, subscription_id = {};
};

// Returns the ids of those whose failure has to be reported: DEAD for the first time.
std::vector<std::string> settle(pg::Transaction& tx, const std::vector<Settled>& all, UtcTime now);

class DecideEvents {
 public:
  struct Taken {
    std::string id;
    int attempts = 0;
    UtcTime received_at{};
    std::string payload;
  };
  struct Outcome {
    std::vector<std::string> ids;  // of the events taken
    bool had_lease = true;
  };

  DecideEvents(bus::Bus& bus, const ClientDirectory& clients, const BillingSettings& settings,
               metrics::Registry& metrics);
  // Takes up to `events_max` that are due, decides and commits. Throws what the database throws, nothing is changed
  // then. `ids` is filled before anything can fail.
  void operator()(pg::Connection& connection, int events_max, UtcTime now, Outcome& outcome);
  // Handling this event failed: counts it, sets its next try, or makes it DEAD and tells an admin.
  void failed(pg::Connection& connection, const std::string& event_id, const std::string& error, UtcTime now);

 private:
  struct Batch;
  void decide(Batch& batch, const Taken& taken, const StripeEvent& event);
  void apply(Batch& batch, const StripeEvent& event, const Decision& decision);
  void tell_of_money(Batch& batch, const StripeEvent& event, const std::string& alarm, const std::string& owner);
  void wait_for_client(Batch& batch, Settled settled, const EventHead& head);
  void make_dead(Batch& batch, Settled settled, const EventHead& head, const Failure& failure);
  void publish_changes(Batch& batch, pg::Transaction& tx);
  void count(const std::string& type, const std::string& status);

  bus::Bus& bus_;
  const ClientDirectory& clients_;
  const BillingSettings& settings_;
  metrics::Registry& metrics_;
};

}  // namespace carillon::billing
