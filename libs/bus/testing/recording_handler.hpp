// A handler that writes what it was given into conformance.seen, and lets a test look at and meddle with it.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

#include "bus/bus.hpp"

namespace carillon::bus::testing {

class RecordingHandler final : public Handler {
 public:
  using Hook = std::function<void(std::span<const Received>, pg::Transaction&, Outbox&)>;
  explicit RecordingHandler(std::string name = "consumer") : name_(std::move(name)) {}

  Hook before;  // runs in handle(), before the rows are written; set before the consumer starts
  std::atomic<bool> accepts{true};

  void handle(std::span<const Received> batch, pg::Transaction& tx, Outbox& out) override;
  void committed() override;
  void rolled_back() override;
  void tick() override;
  bool ready() override { return accepts; }

  // Wait until the count is reached; false when that takes longer than the limit of all waits.
  bool wait_committed_records(std::size_t count);
  bool wait_ticks(std::size_t count);
  bool wait_rollbacks(std::size_t count);
  std::size_t batches() const;

 private:
  bool wait(const std::size_t& counter, std::size_t count);
  const std::string name_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t pending_ = 0, committed_ = 0, batches_ = 0, ticks_ = 0, rollbacks_ = 0;
};

}  // namespace carillon::bus::testing
