// A year of scheduled jobs in simulated time, for tests/e2e/test_schedule_year.py, which reckons by itself what has to
// come out. Clients and items come from the file CARILLON_YEAR_INPUT, counts go to CARILLON_YEAR_COUNTS.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "integration/provisioning/schedule_world.hpp"
#include "time/testing/manual_clock.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;

namespace {

constexpr std::size_t rows_at_once = 1'000;

// Counts send requests by template and moment; their rows in the bus are what other tests are about.
class CountingBus final : public bus::Bus {
 public:
  explicit CountingBus(const Clock& clock) : clock_(clock) {}
  void flush(bus::Outbox& out, pg::Transaction&) override {
    const auto found = out.records().find(bus::topics::send_requests.name);
    if (found == out.records().end()) return;
    for (const bus::Record& record : found->second.second) {
      const auto request = events::from_json<events::SendRequest>(record.value);
      REQUIRE(request);
      ++counts[request->template_key + " " + to_rfc3339(clock_.now()).substr(0, 16)];
    }
  }
  void commit(bus::Outbox& out, pg::Transaction& tx) override {
    flush(out, tx);
    tx.commit();
  }
  void wake(bus::Outbox&) override {}
  std::unique_ptr<bus::Consumer> consume(bus::ConsumerSettings, bus::Handler&) override { return nullptr; }
  std::unique_ptr<bus::Broadcast> broadcast(const bus::Topic&, std::function<void(const bus::Received&)>) override {
    return nullptr;
  }
  std::vector<bus::Received> peek(const bus::Topic&, int, std::int64_t, std::size_t) override { return {}; }
  std::vector<std::optional<bus::Record>> read_back(const bus::Topic&, std::span<const bus::Place>,
                                                    pg::Transaction&) override {
    return {};
  }
  int partitions() const override { return 1; }

  std::map<std::string, int> counts;

 private:
  const Clock& clock_;
};

struct Item {
  UtcTime created_at{};
  std::string client_id, name, expires_on, status;
};

struct Year {
  UtcTime begin{}, end{};
  std::set<std::string> zones;
  std::vector<Item> items;  // by created_at
};

void add_clients(pg::Connection& owner, pg::Array&& ids, pg::Array&& zones, pg::Array&& sms, UtcTime now) {
  static const pg::Query insert{
      "year_clients",
      "INSERT INTO provisioning.clients SELECT id, 1, 'PROVISIONED', '', 'PRO', true, 'active', '[]', '', '', '', '', "
      "'', '', '', '', "
      "id || '@example.com', CASE WHEN sms THEN '+447700900123' ELSE '' END, '', '', sms, zone, '', '', '', 0, false, "
      "$4::timestamptz, $4::timestamptz FROM unnest($1::text[], $2::text[], $3::boolean[]) AS c (id, zone, sms)"};
  owner.run(insert, pg::Params().add(std::move(ids)).add(std::move(zones)).add(std::move(sms)).add(now));
}

// Lines: YEAR begin end; CLIENT id zone sms; ITEM client name expires_on created_at status. Parted by tabs.
Year read_year(const char* file, pg::Connection& owner) {
  Year year;
  pg::Array ids, zones, sms;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::vector<std::string> w;
    for (std::string word; std::getline(words, word, '\t');) w.push_back(word);
    if (w.at(0) == "YEAR") {
      year.begin = from_rfc3339(w.at(1)).value();
      year.end = from_rfc3339(w.at(2)).value();
    } else if (w.at(0) == "CLIENT") {
      ids.add(w.at(1));
      zones.add(w.at(2));
      sms.add(w.at(3) == "1");
      year.zones.insert(w.at(2));
    } else {
      year.items.push_back({from_rfc3339(w.at(4)).value(), w.at(1), w.at(2), w.at(3), w.at(5)});
    }
  }
  add_clients(owner, std::move(ids), std::move(zones), std::move(sms), year.begin);
  return year;
}

void add_items(pg::Connection& owner, std::span<const Item> items) {
  static const pg::Query insert{
      "year_items",
      "INSERT INTO provisioning.compliance_items SELECT id, client, name, expires, status, made, made, made FROM "
      "unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::text[], $6::timestamptz[]) AS i (id, client, name, "
      "expires, status, made)"};
  if (items.empty()) return;
  pg::Array ids, clients, names, dates, statuses, times;
  for (const Item& item : items) {
    ids.add(new_uuid(item.created_at));
    clients.add(item.client_id);
    names.add(item.name);
    dates.add(item.expires_on);
    statuses.add(item.status);
    times.add(item.created_at);
  }
  owner.run(insert, pg::Params()
                        .add(std::move(ids))
                        .add(std::move(clients))
                        .add(std::move(names))
                        .add(std::move(dates))
                        .add(std::move(statuses))
                        .add(std::move(times)));
}

UtcTime next_of_all(const std::set<std::string>& zones, UtcTime after) {
  UtcTime next = next_moment(scheduled_jobs[1].schedule, "", after);
  for (const ScheduledJobFacts& job : scheduled_jobs) {
    if (!job.in_client_zones) {
      next = std::min(next, next_moment(job.schedule, "", after));
      continue;
    }
    for (const std::string& zone : zones) next = std::min(next, next_moment(job.schedule, zone, after));
  }
  return next;
}

}  // namespace

TEST_CASE("schedule: a year of it", "[.][child]") {
  const char* const input = std::getenv("CARILLON_YEAR_INPUT");
  const char* const output = std::getenv("CARILLON_YEAR_COUNTS");
  REQUIRE(input != nullptr);
  REQUIRE(output != nullptr);
  Tables tables;
  const Year year = read_year(input, tables.owner);
  carillon::testing::ManualClock clock(year.begin);
  CountingBus counting(clock);
  metrics::Registry registry;
  pg::ConnectionSettings settings = carillon::testing::settings_of(tables.database);
  settings.role = role;
  RunScheduledJobs jobs(settings, counting, clock, ScheduleRules{}, registry, [] { return true; });
  REQUIRE(jobs.turn());
  std::size_t made = 0;
  for (UtcTime next = next_of_all(year.zones, year.begin); next < year.end; next = next_of_all(year.zones, next)) {
    while (made < year.items.size() && year.items[made].created_at <= next) {
      std::size_t until = made;
      while (until < year.items.size() && until - made < rows_at_once && year.items[until].created_at <= next) ++until;
      add_items(tables.owner, std::span(year.items).subspan(made, until - made));
      if (made < rows_at_once) tables.owner.run("ANALYZE provisioning.clients, provisioning.compliance_items");
      made = until;
    }
    clock.advance(next - clock.now());
    REQUIRE(jobs.turn());
  }
  std::ofstream out(output);
  for (const auto& [key, count] : counting.counts) out << key << ' ' << count << '\n';
  std::istringstream lines(registry.expose());
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("carillon_scheduled_job_runs_total")) out << "runs " << line << '\n';
  CHECK(out.good());
}
