// Wires the dispatcher's parts and runs their threads: consumer (ingest), claimer, settler, watch, instance lock.
//
// Order of stopping: no more records, no more claims, no more calls begun; wait for running calls; settle; let go of
// the lock. What runs longer than that is taken over by another instance.
#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "bus/bus.hpp"
#include "bus/republisher.hpp"
#include "postgres/pool.hpp"
#include "provider-dispatcher/adapters/instance_lock.hpp"
#include "provider-dispatcher/adapters/providers/ses/account.hpp"
#include "provider-dispatcher/app/call_figures.hpp"
#include "provider-dispatcher/app/call_providers.hpp"
#include "provider-dispatcher/app/claim_pending.hpp"
#include "provider-dispatcher/app/failover_watch.hpp"
#include "provider-dispatcher/app/ingest_dispatches.hpp"
#include "provider-dispatcher/app/pending_figures.hpp"
#include "provider-dispatcher/app/settle_outcomes.hpp"
#include "provider-dispatcher/app/spend_book.hpp"
#include "provider-dispatcher/app/spend_watch.hpp"
#include "provider-dispatcher/app/take_over_claims.hpp"
#include "provider-dispatcher/receipt_desk.hpp"
#include "service/service.hpp"

namespace carillon::dispatcher {

class DispatcherService final : public service::Service {
 public:
  DispatcherService(const ChainSettings& chains, service::Platform& platform,
                    std::vector<std::unique_ptr<Provider>> providers, SpendSettings spend = {},
                    ReceiptSettings receipts = {});
  ~DispatcherService() override;
  // Before routes(): the account that /api/admin/ses/* is about; without one these routes are not there.
  void administer(std::shared_ptr<const ses::Account> ses_account) { ses_account_ = std::move(ses_account); }
  std::string name() const override { return "provider-dispatcher"; }
  void routes(http::Router& router) override;
  std::vector<service::ReadyCheck> ready_checks() override;
  void start() override;
  void stop() override;

  std::int64_t instance() const { return lock_.instance(); }
  // True when this instance may claim and has published its providers' states; false when `wait` passed first.
  bool wait_until_running(std::chrono::milliseconds wait);

 private:
  CallParts call_parts();
  http::Response health();
  void look_at_providers();  // every second, on the watch's thread
  void set_gauges();
  void set_spend_gauges();
  void set_pending_gauges(const PendingFigures::Counts& counts);

  service::Platform& platform_;
  std::shared_ptr<const ses::Account> ses_account_;
  Roster roster_;
  SpendBook spend_;
  CallFigures call_figures_;
  ProviderBoard board_;
  Capacity capacity_;
  std::atomic<std::int64_t> claim_numbers_{0};
  std::unique_ptr<bus::Bus> bus_;
  pg::Pool pool_;  // requests and figures
  bus::Republisher provider_states_;
  PendingFigures figures_;
  SpendWatch spend_watch_;        // the watch's thread
  FailoverWatch failover_watch_;  // the watch's thread
  ReceiptDesk receipts_;
  InstanceLock lock_;
  SettleOutcomes settler_;
  std::shared_ptr<CallProviders> calls_;
  ClaimPending claimer_;
  IngestDispatches ingest_;
  TakeOverClaims watch_;
  std::unique_ptr<bus::Consumer> consumer_;
  bool started_ = false;
  std::shared_ptr<std::atomic<bool>> scraped_;  // false once this object is gone
};

}  // namespace carillon::dispatcher
