// Figures, not promises: conformance-bus "[bench]" prints what this machine makes of publishing and consuming.
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <iostream>

#include "bus/testing/scene.hpp"
#include "conformance/bus/postgres_harness.hpp"

using namespace carillon;
using namespace carillon::bus;
using namespace carillon::bus::testing;

namespace {

double process_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Stopwatch {
 public:
  void report(const char* what, int records) const {
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const double cpu = process_cpu_seconds() - cpu_;
    std::cout << what << ": " << static_cast<int>(records / wall) << " records/s, " << cpu / records * 1e6
              << " us of our CPU a record\n";
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double cpu_ = process_cpu_seconds();
};

class CountingHandler final : public Handler {
 public:
  void handle(std::span<const Received> batch, pg::Transaction&, Outbox&) override { pending_ = batch.size(); }
  void committed() override {
    const std::lock_guard lock(mutex_);
    count_ += pending_;
    changed_.notify_all();
  }
  bool wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds{120}, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t pending_ = 0, count_ = 0;
};

std::string json_like_value(int n) {
  std::string value =
      R"({"message_id":"0198f3c2-7d1e-7a2b-9c3d-)" + std::to_string(100'000'000'000 + n) + R"(","text":")";
  while (value.size() < 690) value += "Your appointment " + std::to_string(n * 7919 % 10'007) + " is confirmed. ";
  return value.substr(0, 698) + "\"}";
}

constexpr int records_total = 200'000;
constexpr int batch = 200;

}  // namespace

TEST_CASE("postgres bus: throughput", "[.][bench]") {
  PostgresHarness harness;
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  std::vector<Record> sample;
  for (int n = 0; n < batch; ++n)
    sample.push_back({"key" + std::to_string(n),
                      {{"ce_id", std::to_string(n)}, {"ce_type", "carillon.dispatch.v1"}},
                      json_like_value(n)});
  const Stopwatch publishing;
  for (int n = 0; n < records_total; n += batch) publish(node->bus(), connection, sample);
  publishing.report("publish, one thread", records_total);
  CountingHandler handler;
  ConsumerSettings settings = consumer_settings();
  settings.batch_records_max = 500;
  const auto consumer = node->bus().consume(settings, handler);
  const Stopwatch consuming;
  consumer->start();
  CHECK(handler.wait(records_total));
  consuming.report("consume, one consumer", records_total);
  consumer->stop();
  const auto rows = connection.run(
      "SELECT count(*), pg_size_pretty(sum(octet_length(records))), pg_size_pretty(sum(pg_column_size(records))) FROM "
      "bus.send_requests")[0];
  std::cout << "rows " << rows[0].c_str() << ", bytes " << rows[1].c_str() << ", stored " << rows[2].c_str() << "\n";
}

TEST_CASE("postgres bus: cost of idle consumers", "[.][bench]") {
  PostgresHarness harness;
  const auto node = harness.node();
  std::vector<std::unique_ptr<CountingHandler>> handlers;
  std::vector<std::unique_ptr<Consumer>> consumers;
  for (const Topic& topic :
       {topics::send_requests, topics::dispatch, topics::message_log, topics::audit, topics::feedback}) {
    ConsumerSettings settings = consumer_settings();
    settings.topic = topic;
    handlers.push_back(std::make_unique<CountingHandler>());
    consumers.push_back(node->bus().consume(settings, *handlers.back()));
    consumers.back()->start();
  }
  const double before = process_cpu_seconds();
  std::mutex mutex;
  std::condition_variable nobody;
  std::unique_lock lock(mutex);
  nobody.wait_for(lock, std::chrono::seconds{10}, [] { return false; });
  std::cout << "five idle consumers: " << (process_cpu_seconds() - before) / 10 * 100 << " % of a core of ours\n";
}
