// A consumer on the PostgreSQL engine: one thread, two sessions. The `session` holds the leases and reads, so every
// poll also keeps it alive; `work` runs the batches' transactions. A process that is stopped (SIGSTOP) loses the
// session on the server's side after lease_timeout, and what it commits later fails on the offsets.
#pragma once
#include <atomic>
#include <map>
#include <thread>

#include "bus/batch_runner.hpp"
#include "bus/bus.hpp"
#include "bus/postgres/leases.hpp"
#include "bus/postgres/reader.hpp"
#include "bus/retry_pause.hpp"

namespace carillon::bus {

class PostgresBus;

class PostgresConsumer final : public Consumer {
 public:
  PostgresConsumer(PostgresBus& bus, ConsumerSettings settings, Handler& handler);
  ~PostgresConsumer() override;
  void start() override;
  void stop() override;
  bool healthy() const override;

 private:
  void run();
  void turn();
  void tick_when_due();
  void hold_leases();
  bool refresh_leases();
  void read_offsets();
  void keep_session();
  void report_lag();
  void gather();
  void fill();
  void wait();
  void failed(const std::string& reason);
  void forget_fetched();
  SteadyTime now() const;

  PostgresBus& bus_;
  const ConsumerSettings settings_;
  Handler& handler_;
  pg::Connection session_, work_;
  Leases leases_;
  ConsumerMetrics metrics_;
  BatchRunner runner_;
  Reader reader_;

  Positions positions_;                       // of the held partitions, as in the table
  std::map<int, std::int64_t> fetched_seqs_;  // the next after what is in fetched_
  bool offsets_known_ = false;
  Fetched fetched_;

  std::uint64_t session_epoch_ = 0;
  std::uint64_t rings_ = 0, rings_from_others_ = 0;
  bool failing_ = false, table_has_more_ = false;
  SteadyTime next_tick_{}, next_look_{}, next_lag_{}, last_contact_{}, last_fill_{}, last_read_{};
  RetryPause pause_;
  std::atomic<SteadyTime::rep> last_progress_{0};
  std::thread thread_;
};

}  // namespace carillon::bus
