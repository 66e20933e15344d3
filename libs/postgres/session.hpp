// One libpqxx session with access to its libpq handle, which libpqxx 6.4 keeps to itself but COPY of ready blocks,
// binary results and notifications with payload need. Private to libs/postgres.
#pragma once
#include <libpq-fe.h>

#include <pqxx/pqxx>
#include <string>

#include "postgres/connection.hpp"

namespace carillon::pg {

// Connects with the settings' options at once, so no statement is needed to set up the session, and never again.
class ConnectPolicy : public pqxx::connectionpolicy {
 public:
  explicit ConnectPolicy(const ConnectionSettings& settings);
  handle do_startconnect(handle orig) override;
  handle do_dropconnect(handle orig) noexcept override;
  handle do_disconnect(handle orig) noexcept override;
  PGconn* raw() const { return raw_; }

 private:
  const ConnectionSettings& settings_;
  PGconn* raw_ = nullptr;
};

// The policy has to outlive the connection_base that refers to it, so it is held by the first base.
struct PolicyHolder {
  explicit PolicyHolder(const ConnectionSettings& settings) : policy(settings) {}
  ConnectPolicy policy;
};

class Session : private PolicyHolder, public pqxx::connection_base {
 public:
  explicit Session(const ConnectionSettings& settings);  // throws Unavailable
  ~Session() { close(); }
  PGconn* raw() const { return policy.raw(); }
};

// Throws what a failure means to the caller. `statement` is the query's name.
[[noreturn]] void throw_failure(const std::string& sqlstate, const char* message, const char* statement,
                                bool connected);
// True when the session can't be used on after a failure with this state.
bool ends_session(const std::string& sqlstate, const char* message);

}  // namespace carillon::pg
