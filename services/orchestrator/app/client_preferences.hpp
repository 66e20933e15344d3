// What clients say about their messages, read and replaced; each change with its audit entry in one transaction.
// Decisions read the tables, so a change holds from the next one on.
//
// Thread-safe; every call takes a connection from the pool, blocks on the database and throws the pg:: errors.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/bus.hpp"
#include "orchestrator/core/preferences.hpp"
#include "postgres/pool.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

// Whose preferences: a client's for all its contacts, or for one recipient.
struct WishesOf {
  std::string client_id;
  std::vector<std::string> recipient_hashes;  // the first under the key in use; empty: for all contacts
};

class ClientPreferences {
 public:
  ClientPreferences(pg::Pool& pool, bus::Bus& bus, const Clock& clock) : pool_(pool), bus_(bus), clock_(clock) {}

  ClientWishes read(const WishesOf& whose);
  // What stands then. Failure TOO_MANY_RECIPIENTS: of the client's recipients enough have preferences already.
  Result<ClientWishes> change(const WishesOf& whose, const WishesChange& change, const std::string& actor,
                              std::string_view traceparent);

 private:
  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
};

}  // namespace carillon::orchestrator
