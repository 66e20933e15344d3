// A provider that only has a name, a channel and settings or none.
#pragma once
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher::testing {

class NamedProvider final : public Provider {
 public:
  NamedProvider(std::string name, events::Channel channel, bool configured = true)
      : name_(std::move(name)), channel_(channel), configured_(configured) {}
  std::string_view name() const override { return name_; }
  events::Channel channel() const override { return channel_; }
  bool configured() const override { return configured_; }
  std::string missing_settings() const override { return configured_ ? "" : "SMTP_HOST"; }
  double rate_per_second() const override { return 0; }
  int concurrency_max() const override { return 4; }
  void send(const OutboundMessage&, UtcTime, std::function<void(Outcome)> done) override { done({}); }

 private:
  std::string name_;
  events::Channel channel_;
  bool configured_;
};

}  // namespace carillon::dispatcher::testing
