#include "postgres/testing/test_database.hpp"

#include <openssl/rand.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "postgres/connection.hpp"

namespace carillon::testing {
namespace {

std::string random_suffix() {
  unsigned char bytes[10];
  if (RAND_bytes(bytes, sizeof bytes) != 1) throw std::runtime_error("no random bytes");
  std::string text;
  for (const unsigned char byte : bytes) {
    text.push_back("0123456789abcdef"[byte >> 4]);
    text.push_back("0123456789abcdef"[byte & 15U]);
  }
  return text;
}

// The same server and login, another database.
std::string with_database(const std::string& url, const std::string& name) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url + " dbname=" + name;
  const std::size_t query = url.find('?');
  const std::size_t path = url.find('/', scheme + 3);
  const std::string parameters = query == std::string::npos ? "" : url.substr(query);
  return url.substr(0, std::min(path, query)) + "/" + name + parameters;
}

pg::ConnectionSettings admin(const std::string& url) {
  pg::ConnectionSettings settings;
  settings.url = url;
  settings.application_name = "carillon-test";
  settings.statement_timeout = std::chrono::seconds{60};
  return settings;
}

std::string server_of_tests() {
  const char* url = std::getenv("CARILLON_TEST_DATABASE_URL");
  if (url == nullptr)
    throw std::runtime_error(
        "set CARILLON_TEST_DATABASE_URL to a PostgreSQL 15 server's superuser, e.g. "
        "postgresql://postgres@127.0.0.1/postgres");
  return url;
}

}  // namespace

TestDatabase::TestDatabase() : TestDatabase("template0") {}

TestDatabase::TestDatabase(const std::string& kind, const std::function<void(pg::Connection& owner)>& prepare)
    : TestDatabase(prepared(kind, prepare).name()) {}

const TestDatabase& TestDatabase::prepared(const std::string& kind,
                                           const std::function<void(pg::Connection& owner)>& prepare) {
  // They go at exit, with statements of their own. What libpqxx keeps for reading answers is made with the first
  // answer; only when that came before the originals does it outlive them.
  [[maybe_unused]] static const auto first_answer = pg::Connection(admin(server_of_tests())).run("SELECT 1");
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<TestDatabase>> originals;
  const std::lock_guard lock(mutex);
  auto& original = originals[kind];
  if (!original) {
    auto made = std::make_unique<TestDatabase>();
    pg::Connection owner(admin(made->url()));
    prepare(owner);
    original = std::move(made);
  }
  return *original;
}

TestDatabase::TestDatabase(const std::string& original)
    : server_url_(server_of_tests()), name_("carillon_test_" + random_suffix()) {
  url_ = with_database(server_url_, name_);
  pg::Connection connection(admin(server_url_));
  connection.run("CREATE DATABASE " + name_ + " TEMPLATE " + original + " ENCODING 'UTF8' STRATEGY file_copy");
}

TestDatabase::~TestDatabase() {
  try {
    pg::Connection connection(admin(server_url_));
    connection.run("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  } catch (const std::exception& error) {
    std::cerr << "test database " << name_ << " was not dropped: " << error.what() << '\n';
  }
}

}  // namespace carillon::testing
