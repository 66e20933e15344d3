// Receipts over HTTP with libs/http, on a thread of its own: signing and calling cost the sandbox's own thread nothing.
// Keep-alive; SendGrid's events are gathered as SendGrid does. What waits or is under way when it ends is dropped.
#pragma once
#include <atomic>
#include <map>
#include <memory>

#include "http/client.hpp"
#include "http/runtime.hpp"
#include "sandbox/adapters/listener.hpp"
#include "sandbox/app/receipt_keys.hpp"
#include "sandbox/app/receipt_sender.hpp"
#include "time/clock.hpp"

namespace carillon::sandbox {

inline constexpr std::size_t parcels_waiting_max = 100'000;  // under way included
inline constexpr int receipt_calls_max = 32;                 // at once
inline constexpr std::chrono::seconds receipt_connect_timeout{3};
inline constexpr std::chrono::seconds receipt_timeout{10};            // whole call
inline constexpr std::chrono::milliseconds sendgrid_batch_every{50};  // delayed events wait for the next round
inline constexpr std::size_t sendgrid_batch_parcels_max = 500;        // some 300 KiB
inline constexpr std::size_t sendgrid_batch_looked_at_max = 2'000;    // due parcels, in search of some that go together

class HttpReceiptSender final : public ReceiptSender {
 public:
  // All must outlive it.
  HttpReceiptSender(Loop& loop, const ReceiptKeys& keys, const Clock& clock);
  ~HttpReceiptSender() override;
  bool send(Parcel parcel, std::chrono::milliseconds delay, std::function<void(Delivery)> done) override;

 private:
  struct Waiting {
    Parcel parcel;
    std::function<void(Delivery)> done;
  };
  using Batch = std::vector<Waiting>;

  // On the runtime's thread, like everything they touch.
  void enqueue(SteadyTime due, Waiting waiting);
  void pump();
  Batch take_due(SteadyTime now);
  void start(Batch batch);
  void ended(const std::shared_ptr<Batch>& batch, const http::Answer& answer);
  void wake_at(SteadyTime due);

  Loop& loop_;
  const ReceiptKeys& keys_;
  const Clock& clock_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> closed_{false};
  std::multimap<SteadyTime, Waiting> queue_;  // by the time they are due, then in order
  int calls_ = 0;
  SteadyTime wakes_at_ = SteadyTime::max();
  http::Runtime runtime_;
  std::unique_ptr<http::Client> client_;  // made for the first receipt: the system's certificates take time to read
};

}  // namespace carillon::sandbox
