// What operators do with clients: list, look, add, change, remove. Each change is one transaction with its audit entry.
//
// Thread-safe; blocks on the database. Throws pg::Unavailable or pg::Conflict (the same may succeed at once).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/caller.hpp"
#include "provisioning/app/time_zones.hpp"
#include "provisioning/core/client.hpp"
#include "provisioning/core/client_change.hpp"
#include "provisioning/core/client_list.hpp"
#include "time/clock.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

// What the caller believes of the client; what is not so changes nothing (VERSION_MISMATCH).
struct Precondition {
  std::optional<std::int64_t> version;
  bool must_exist = false;
  bool must_be_new = false;
};

struct ClientPage {
  std::vector<Client> clients;
  std::optional<PagePlace> next;
};

struct EditedClient {
  Client client;
  bool is_new = false;
};

class EditClients {
 public:
  EditClients(pg::Pool& pool, bus::Bus& bus, const Clock& clock) : pool_(pool), bus_(bus), clock_(clock) {}

  ClientPage list(const ClientFilter& filter);
  // Audited: whoever looks sees addresses and numbers. Failure CLIENT_NOT_FOUND.
  Result<Client> view(const std::string& id, const Caller& caller);

  // Failures: MALFORMED_JSON, INVALID_FIELD, CLIENT_EXISTS, CLIENT_NOT_FOUND, OWNER_PHONE_TAKEN, TWILIO_NUMBER_TAKEN,
  // VERSION_MISMATCH.
  // Without an id in the body the client gets one.
  Result<EditedClient> create(const std::string& body, const Caller& caller);
  // REPLACE makes the client when there is none. A change that changes nothing makes no new version.
  Result<EditedClient> change(const std::string& id, const std::string& body, ChangeKind kind,
                              const Precondition& precondition, const Caller& caller);
  // The row stays without its facts, and the client's people are signed out for good; a client of that id may come
  // back, and they with it.
  Result<Client> remove(const std::string& id, const Precondition& precondition, const Caller& caller);

  // client.state.v1 anew from the table; how many clients. Blocks for as long as there are clients.
  int republish(const Caller& caller);

 private:
  Result<EditedClient> add(pg::Transaction& tx, const std::string& id, const std::string& body,
                           const Precondition& precondition, const Caller& caller);
  Result<EditedClient> edit(pg::Transaction& tx, const Client& client, const std::string& body, ChangeKind kind,
                            const Caller& caller);
  void audit(bus::Outbox& out, const char* action, const Client& client, const Caller& caller, UtcTime now,
             const std::vector<std::string_view>& fields = {});
  void commit(pg::Transaction& tx, bus::Outbox& out);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
  TimeZones time_zones_;
};

}  // namespace carillon::provisioning
