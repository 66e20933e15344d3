// What the conformance suite needs of an engine.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "bus/bus.hpp"
#include "postgres/connection.hpp"

namespace carillon::bus::testing {

// One process's view of the bus: the engine with whatever it needs beside it.
class Node {
 public:
  virtual ~Node() = default;
  virtual Bus& bus() = 0;
};

// One fresh database with an empty bus. Schema `conformance` in it holds bus_offsets and the suite's own tables
// (conformance_tables), which the engine's connections may use.
class Harness {
 public:
  virtual ~Harness() = default;
  virtual std::unique_ptr<Node> node() = 0;
  virtual pg::ConnectionSettings database() const = 0;          // with the rights of a service
  virtual pg::ConnectionSettings administrator() const = 0;     // may end other sessions
  virtual std::chrono::milliseconds lease_timeout() const = 0;  // how long a stopped process keeps its partitions
  // Makes a running consumer of `group` lose its partitions without noticing.
  virtual void take_leases_away(const std::string& group) = 0;
  // A child process gets these, finds the same database by them and runs run_child() of conformance.hpp.
  virtual std::map<std::string, std::string> child_environment() const = 0;
  virtual std::string child_test_case() const = 0;  // the name of the hidden test case that does it
};

extern const char* const conformance_tables;

}  // namespace carillon::bus::testing
