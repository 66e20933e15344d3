// The service's own thread: decides stored events as soon as they are there, tries failed ones again, audits refused
// webhook calls, drops old events. What fails here is tried again at its next turn.
//
// A batch that the database refuses is handled again event by event, so that a bad one stands alone.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "billing-ingest/app/decide_events.hpp"
#include "billing-ingest/app/webhook_refusals.hpp"
#include "time/clock.hpp"

namespace carillon::billing {

inline constexpr int decide_batch_max = 200;

class ProcessEvents {
 public:
  // `clients_known`: false while the clients' states are still being read; nothing is decided then.
  ProcessEvents(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, const BillingSettings& settings,
                const ClientDirectory& clients, WebhookRefusals& refusals, metrics::Registry& metrics,
                std::function<bool()> clients_known);
  ~ProcessEvents() { stop(); }
  void start();
  void stop();
  void wake();  // thread-safe, does not block

 private:
  struct Pause {
    std::chrono::milliseconds time{};
    bool ends_when_woken = true;
  };
  void run();
  Pause turn();
  bool is_running();
  bool decide_one_batch();  // whether there may be more
  void audit_refusals();
  void keep_house();

  pg::Connection connection_;  // own thread only
  bus::Bus& bus_;
  const Clock& clock_;
  const BillingSettings& settings_;
  WebhookRefusals& refusals_;
  const std::function<bool()> clients_known_;
  DecideEvents decide_;
  const metrics::Gauge pending_, dead_;
  int singles_left_ = 0;        // own thread only: so many are taken one by one
  SteadyTime house_kept_at_{};  // own thread only
  bool house_kept_ = false;     // own thread only
  bool failing_ = false;        // own thread only: the last turn failed, which is logged already

  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;  // guarded by mutex_
  bool woken_ = false;    // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::billing
