// Broadcast on the PostgreSQL engine: one thread, one connection, offsets in memory only.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <thread>

#include "bus/bus.hpp"
#include "bus/postgres/reader.hpp"
#include "bus/retry_pause.hpp"

namespace carillon::bus {

class PostgresBus;

class PostgresBroadcast final : public Broadcast {
 public:
  PostgresBroadcast(PostgresBus& bus, const Topic& topic, std::function<void(const Received&)> on_record);
  ~PostgresBroadcast() override;
  void start() override;
  void stop() override;
  bool caught_up() const override { return caught_up_; }

 private:
  void run();
  void turn();
  void find_ends();
  bool at_ends() const;
  PostgresBus& bus_;
  const Topic topic_;
  const std::function<void(const Received&)> on_record_;
  pg::Connection connection_;
  Reader reader_;
  std::map<int, std::int64_t> next_seqs_;
  std::map<int, std::int64_t> ends_at_start_;
  std::uint64_t rings_ = 0;
  bool failing_ = false;
  RetryPause pause_;
  std::atomic<bool> caught_up_{false};
  std::thread thread_;
};

}  // namespace carillon::bus
