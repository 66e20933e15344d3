// The consumer of notification.feedback.v1: a final failure gives its rate window back and is noted in an alert's log,
// a suppression is kept. One with the reason UNSUBSCRIBE (a provider's own link in an e-mail was used) keeps only back
// what can be unsubscribed, of every category. Recipients that are to be forgotten are.
#pragma once
#include "bus/bus.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

class ApplyFeedback final : public bus::Handler {
 public:
  explicit ApplyFeedback(const Clock& clock) : clock_(clock) {}
  void handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) override;

 private:
  const Clock& clock_;
};

}  // namespace carillon::orchestrator
