// Billing events become state of clients, and a paid checkout a provisioning job. One batch, one transaction.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "bus/bus.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning {

class ApplyBilling final : public bus::Handler {
 public:
  // `jobs_started` is called after a commit that started jobs.
  ApplyBilling(const Clock& clock, metrics::Registry& metrics, std::function<bool()> ready,
               std::function<void()> jobs_started)
      : clock_(clock), metrics_(metrics), ready_(std::move(ready)), jobs_started_(std::move(jobs_started)) {}

  void handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) override;
  void committed() override;
  void rolled_back() override;
  bool ready() override { return ready_(); }

 private:
  const Clock& clock_;
  metrics::Registry& metrics_;
  const std::function<bool()> ready_;
  const std::function<void()> jobs_started_;
  bool started_ = false;               // the last batch started a job
  std::map<std::string, int> counts_;  // of the last batch, by result
};

}  // namespace carillon::provisioning
