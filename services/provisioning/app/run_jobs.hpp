// Takes the steps of provisioning jobs, on a thread of its own. Any number of instances may: each step is taken by one.
//
// start(), stop() and look_now() from any thread. What fails is tried again later, see core/provisioning_job.hpp.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "bus/bus.hpp"
#include "provisioning/app/job_steps.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning {

class RunJobs {
 public:
  // `prepare` is called before each look for jobs; while it throws there is none.
  RunJobs(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, const Accounts& accounts,
          int attempts_max, metrics::Registry& metrics, std::function<void()> prepare);
  ~RunJobs() { stop(); }
  void start();
  void stop();      // finishes the step it is in
  void look_now();  // a job may be due

  // Takes one step of one job; false: none is due. For the thread, and for tests.
  bool take_one();

 private:
  void run();
  bool take(pg::Transaction& tx, bus::Outbox& out, const ProvisioningJob& job, UtcTime now);
  void record_exception(const ProvisioningJob& job);
  void cancel(pg::Transaction& tx, bus::Outbox& out, const ProvisioningJob& job, const std::string& reason,
              UtcTime now);
  void fail(pg::Transaction& tx, bus::Outbox& out, const ProvisioningJob& job, const Client* client,
            const Failure& failure, bool may_retry, UtcTime now);
  void commit(pg::Transaction& tx, bus::Outbox& out);
  metrics::Counter counter(JobStep step, const char* result);
  void count(JobStep step, const char* result);

  pg::Connection connection_;  // own thread only
  bus::Bus& bus_;
  const Clock& clock_;
  const Accounts& accounts_;
  const int attempts_max_;
  metrics::Registry& metrics_;
  const std::function<void()> prepare_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;  // guarded by mutex_
  bool wanted_ = false;   // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::provisioning
