// A database of a test's own, on the server of CARILLON_TEST_DATABASE_URL; gone when the object is.
#pragma once
#include <string>

#include "postgres/connection.hpp"

namespace carillon::testing {

class TestDatabase {
 public:
  TestDatabase();   // throws std::runtime_error when the variable is not set
  ~TestDatabase();  // disconnects who is still there
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  std::string url() const { return url_; }
  const std::string& name() const { return name_; }

 private:
  std::string server_url_, name_, url_;
};

inline pg::ConnectionSettings settings_of(const TestDatabase& database) {
  pg::ConnectionSettings settings;
  settings.url = database.url();
  return settings;
}

}  // namespace carillon::testing
