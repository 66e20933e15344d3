// The consumer of notification.feedback.v1: of recipients that are to be forgotten (ERASE) the codes, the tokens and
// that they are verified go; wrong codes and lockouts stay. Everything else on the topic is the orchestrator's, which
// also makes dead letters of what can't be read.
#pragma once
#include "bus/bus.hpp"
#include "time/clock.hpp"

namespace carillon::otp {

class ForgetRecipients final : public bus::Handler {
 public:
  explicit ForgetRecipients(const Clock& clock) : clock_(clock) {}
  void handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) override;

 private:
  const Clock& clock_;
};

}  // namespace carillon::otp
