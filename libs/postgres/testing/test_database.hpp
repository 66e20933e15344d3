// A database of a test's own, on the server of CARILLON_TEST_DATABASE_URL; gone when the object is.
#pragma once
#include <functional>
#include <string>

#include "postgres/connection.hpp"

namespace carillon::testing {

class TestDatabase {
 public:
  TestDatabase();  // empty; throws std::runtime_error when the variable is not set
  // A copy of what `prepare` has made as superuser in an empty one: that happens once a process for each `kind`.
  TestDatabase(const std::string& kind, const std::function<void(pg::Connection& owner)>& prepare);
  ~TestDatabase();  // disconnects who is still there
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  std::string url() const { return url_; }
  const std::string& name() const { return name_; }

 private:
  explicit TestDatabase(const std::string& original);
  static const TestDatabase& prepared(const std::string& kind,
                                      const std::function<void(pg::Connection& owner)>& prepare);
  std::string server_url_, name_, url_;
};

inline pg::ConnectionSettings settings_of(const TestDatabase& database) {
  pg::ConnectionSettings settings;
  settings.url = database.url();
  return settings;
}

}  // namespace carillon::testing
