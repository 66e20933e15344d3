#include "bus/testing/scene.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <stdexcept>

namespace carillon::bus::testing {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::seconds wait_limit{30};
constexpr std::chrono::milliseconds look_again_after{20};  // for conditions that nobody notifies of
constexpr std::size_t publish_batch = 100;

}  // namespace

Record numbered(const std::string& key, int n, std::size_t value_bytes) {
  return {key, {{"n", std::to_string(n)}}, std::string(value_bytes, 'x')};
}

ConsumerSettings consumer_settings() {
  ConsumerSettings settings;
  settings.group = test_group;
  settings.topic = test_topic;
  settings.offsets_schema = "conformance";
  settings.batch_records_max = 100;
  return settings;
}

void publish(Bus& bus, pg::Connection& connection, std::vector<Record> records, const Topic& topic) {
  Outbox out;
  for (Record& record : records) out.publish(topic, std::move(record));
  pg::Transaction tx(connection);
  bus.flush(out, tx);
  tx.commit();
  bus.wake(out);
}

void publish_many(Bus& bus, pg::Connection& connection, int keys, int per_key, const std::string& prefix) {
  std::vector<Record> batch;
  for (int n = 1; n <= per_key; ++n) {
    for (int key = 0; key < keys; ++key) {
      batch.push_back(numbered(prefix + std::to_string(key), n));
      if (batch.size() == publish_batch) publish(bus, connection, std::exchange(batch, {}));
    }
  }
  if (!batch.empty()) publish(bus, connection, std::move(batch));
}

bool eventually(pg::Connection& connection, const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + wait_limit;
  connection.run("LISTEN conformance");
  while (std::chrono::steady_clock::now() < deadline) {
    if (holds()) return true;
    connection.wait_for_notification(look_again_after);
  }
  return false;
}

bool eventually(pg::Connection& connection, const std::string& sql) {
  return eventually(connection, [&] { return connection.run(sql)[0][0].as<bool>(); });
}

bool eventually_seen(pg::Connection& connection, int records) {
  return eventually(connection, "SELECT count(*) >= " + std::to_string(records) + " FROM conformance.seen");
}

void check_exactly_once_per_key(pg::Connection& connection, int records) {
  const auto counts = connection.run("SELECT count(*), count(DISTINCT (key, n)) FROM conformance.seen")[0];
  CHECK(counts[0].as<int>() == records);
  CHECK(counts[1].as<int>() == records);
  CHECK(connection
            .run("SELECT count(*) FROM (SELECT n - lag(n, 1, 0) OVER (PARTITION BY key ORDER BY at) AS step FROM "
                 "conformance.seen) s "
                 "WHERE step <> 1")[0][0]
            .as<int>() == 0);
}

void check_exactly_once_in_order(pg::Connection& connection, int records) {
  check_exactly_once_per_key(connection, records);
  CHECK(connection
            .run("SELECT count(*) FROM (SELECT seq - lag(seq) OVER (PARTITION BY partition ORDER BY at) AS step FROM "
                 "conformance.seen) s "
                 "WHERE step <= 0")[0][0]
            .as<int>() == 0);
}

Child::Child(const Harness& harness) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  for (const auto& [name, value] : harness.child_environment()) environment.push_back(name + "=" + value);
  const std::string test_case = harness.child_test_case();
  std::vector<char*> pointers;
  for (std::string& entry : environment) pointers.push_back(entry.data());
  pointers.push_back(nullptr);
  char path[] = "/proc/self/exe";
  std::string argument = test_case;
  char* const arguments[] = {path, argument.data(), nullptr};
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlives the test
    ::execve(path, arguments, pointers.data());
    ::_exit(127);
  }
}

Child::~Child() {
  kill();
}

void Child::signal(int number) const {
  ::kill(pid_, number);
}

void Child::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace carillon::bus::testing
