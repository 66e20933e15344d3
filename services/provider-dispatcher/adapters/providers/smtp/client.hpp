// E-mail over any SMTP relay, with libcurl: bounded worker threads, each with a handle that keeps its connection.
// Thread-safe; `done` comes on a worker thread.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "provider-dispatcher/adapters/providers/call_limits.hpp"
#include "provider-dispatcher/adapters/providers/smtp/settings.hpp"
#include "provider-dispatcher/core/provider.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

class SmtpClient final : public Provider {
 public:
  // Starts its threads only when configured. `clock` must outlive it.
  SmtpClient(SmtpSettings settings, const Clock& clock, CallLimits limits = {});
  // What waits is answered TRANSIENT; what runs is broken off and answered as far as it came; then the threads end.
  ~SmtpClient() override;
  std::string_view name() const override { return "smtp"; }
  events::Channel channel() const override { return events::Channel::EMAIL; }
  bool configured() const override { return missing_settings().empty(); }
  std::string missing_settings() const override { return settings_.missing(); }
  double rate_per_second() const override { return settings_.rate_per_second; }
  int concurrency_max() const override { return settings_.concurrency; }
  void send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) override;

 private:
  struct Job {
    OutboundMessage message;
    UtcTime now;
    SteadyTime began;
    std::function<void(Outcome)> done;
  };
  void work();
  std::optional<Job> next_job();

  const SmtpSettings settings_;
  const Clock& clock_;
  const CallLimits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;             // guarded by mutex_
  std::atomic<bool> stopping_ = false;  // written under mutex_
  std::vector<std::thread> workers_;
};

}  // namespace carillon::dispatcher
