// Scheduled jobs on a database of the test's own, run by hand: clients and items, a clock the test moves, instances
// that come and go.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "integration/provisioning/world.hpp"
#include "provisioning/app/run_scheduled_jobs.hpp"

namespace carillon::provisioning::testing {

class ScheduleWorld : public Tables {
 public:
  void go_to(const char* time);  // RFC 3339, in the future
  void add_client(const std::string& id, const std::string& time_zone, bool gets_sms);
  // As an operator does it.
  void move_client(const std::string& id, const std::string& time_zone);
  // Clients c0001 ... of UTC, each with an item that expires on this date.
  void add_many_clients(int count, const std::string& expires_on);
  void add_item(const std::string& client_id, const std::string& name, const std::string& expires_on,
                const std::string& status = "ACTIVE");
  // The n-th instance; started when there is none.
  RunScheduledJobs& instance(int n = 0);
  void stop_all() { instances_.clear(); }
  // Asked for so far, oldest first; of this template only, unless it is "".
  std::vector<events::SendRequest> requests(const std::string& template_key = {});

  metrics::Registry metrics;

 private:
  std::map<int, std::unique_ptr<RunScheduledJobs>> instances_;
};

}  // namespace carillon::provisioning::testing
