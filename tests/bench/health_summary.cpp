// How long the health figures take over a log of ten million messages: fills the minute counts of a week as that many
// messages would leave them and reads them as the routes do. Needs CARILLON_TEST_DATABASE_URL.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "health-aggregator/app/health_figures.hpp"
#include "health-aggregator/service.hpp"
#include "postgres/testing/test_database.hpp"
#include "time/clock.hpp"

namespace {

using namespace carillon;

constexpr int runs = 100;

// A week of minutes, 30 templates on two channels in five states each: 1.5 million counts for ten million messages.
constexpr const char* fill =
    "INSERT INTO health.minute_rollup "
    "SELECT date_trunc('minute', now()) - m * interval '1 minute', 1 + t % 2, 'TEMPLATE_' || t, s, "
    "       CASE WHEN s IN (18, 19) THEN 'postmark' ELSE '' END, CASE WHEN s = 19 THEN 'REJECTED' ELSE '' END, "
    "       CASE WHEN s IN (13, 18) THEN 33 ELSE 1 END, 1000 "
    "FROM generate_series(0, 10079) m, generate_series(1, 30) t, (VALUES (13), (18), (19), (23), (15)) v(s)";

void measure(const char* what, const std::function<void()>& work) {
  std::vector<double> millis;
  for (int run = 0; run < runs; ++run) {
    const auto began = std::chrono::steady_clock::now();
    work();
    millis.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
  }
  std::sort(millis.begin(), millis.end());
  std::printf("%-36s p50 %7.2f ms   p99 %7.2f ms\n", what, millis[runs / 2], millis[runs * 99 / 100]);
}

}  // namespace

int main() {
  carillon::testing::TestDatabase database;
  pg::Connection connection({database.url()});
  pg::migrate(connection, health::schema());
  connection.run("SET statement_timeout = '10min'");
  connection.run(fill);
  connection.run("VACUUM ANALYZE health.minute_rollup");
  const auto total =
      connection.run("SELECT count(*), sum(messages) FILTER (WHERE status = 13) FROM health.minute_rollup");
  std::printf("%s counts of %s messages\n", total[0][0].c_str(), total[0][1].c_str());
  const UtcTime now = SystemClock().now();
  measure("summary, 60 minutes", [&] { health::read_summary(connection, health::minutes_window(now, 60)); });
  measure("summary, a day", [&] { health::read_summary(connection, health::minutes_window(now, 1'440)); });
  measure("timeseries, 240 minutes by 15",
          [&] { health::read_timeseries(connection, *health::buckets(now, 240, 15)); });
  measure("timeseries, a week by 60", [&] { health::read_timeseries(connection, *health::buckets(now, 10'080, 60)); });
}
