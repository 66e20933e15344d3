// What can go wrong with PostgreSQL, by what the caller should do about it. SQL text and values never appear in what().
#pragma once
#include <stdexcept>
#include <string>

namespace carillon::pg {

// No connection, connection lost, server shutting down or starting up (SQLSTATE classes 08, 57P, 53): try again later.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// Serialization failure, deadlock, lock time-out, a lost compare-and-set: the same work may succeed at once.
struct Conflict : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// Anything else: the statement or its data are wrong, trying again gives the same answer. Holds the SQLSTATE.
struct StatementError : std::runtime_error {
  StatementError(const std::string& what, std::string sqlstate_)
      : std::runtime_error(what), sqlstate(std::move(sqlstate_)) {}
  std::string sqlstate;
};

}  // namespace carillon::pg
