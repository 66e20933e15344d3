// Tells Carillon of Stripe's events: signed as Stripe signs, again until somebody says 2xx, on a thread of its own.
// What waits or is under way when it ends is dropped.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "http/client.hpp"
#include "http/runtime.hpp"
#include "sandbox/adapters/listener.hpp"
#include "time/clock.hpp"

namespace carillon::sandbox {

inline constexpr int stripe_tries_max = 10;
inline constexpr std::chrono::milliseconds stripe_retry_pause_first{500};
inline constexpr std::chrono::milliseconds stripe_retry_pause_max{30'000};
inline constexpr std::size_t stripe_waiting_max = 5'000;

class StripeSender {
 public:
  // The loop must outlive it. `url`: the webhook's, "" = nobody is told; `secret` "" likewise.
  StripeSender(Loop& loop, std::string url, std::string secret, const Clock& clock);
  ~StripeSender();
  bool is_configured() const { return !url_.empty() && !secret_.empty(); }
  // `done` is called on the loop's thread after each try with its status (0: no answer). False: too much is waiting.
  bool send(std::string body, std::function<void(int status)> done);

 private:
  struct Waiting;
  void call(const std::shared_ptr<Waiting>& waiting);
  void ended(const std::shared_ptr<Waiting>& waiting, int status);

  Loop& loop_;
  const std::string url_, secret_;
  const Clock& clock_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> closed_{false};
  http::Runtime runtime_;
  std::unique_ptr<http::Client> client_;  // made for the first call: the system's certificates take time to read
};

}  // namespace carillon::sandbox
