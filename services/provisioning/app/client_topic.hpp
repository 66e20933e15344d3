// client.state.v1 as a whole: taken over from when others wrote it, and built again from the table.
//
// Before this service there was no table: clients were published by hand. What the topic knows and the table does not
// becomes a row, with its version, so that the next change is newer than what every reader has.
#pragma once
#include <atomic>

#include "bus/bus.hpp"
#include "postgres/connection.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning {

// Publishes the state of every client again, the deleted ones too, with the versions they have: readers that know them
// ignore it. Rows are locked while they are published, so no change can come before what it follows. Returns how many.
// Blocks for as long as it takes, in transactions of a bounded size.
int republish_clients(pg::Connection& connection, bus::Bus& bus, UtcTime now);

// Rows for what the topic holds and an empty table does not. Waits for the topic's end, `read_limit` at most, then
// throws pg::Unavailable. Returns how many rows there are new; 0 as soon as the table has any.
int adopt_published_clients(pg::Connection& connection, bus::Bus& bus, UtcTime now);

// Once at start: an empty table adopts the topic, an empty topic is built from the table. Many instances may.
class ClientTopic {
 public:
  ClientTopic(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock)
      : connection_(std::move(connection)), bus_(bus), clock_(clock) {}
  // Table and topic agree: clients may be changed.
  bool settled() const { return settled_; }
  void settle();  // from one thread, until it does not throw

 private:
  pg::Connection connection_;
  bus::Bus& bus_;
  const Clock& clock_;
  std::atomic<bool> settled_{false};
};

}  // namespace carillon::provisioning
