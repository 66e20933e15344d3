// Ends a message that waits here: for its time, for room in the throttle, or for its client's state.
//
// Thread-safe; blocks on the database and throws the pg:: errors. Cancelling and letting go meet at the message's row:
// one of the two gets it.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "bus/bus.hpp"
#include "orchestrator/app/facts.hpp"
#include "postgres/pool.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

// Of a message that was accepted so shortly before, "it waits nowhere" may still mean that it is not decided yet.
inline constexpr std::chrono::seconds decided_within{60};

struct CancelOrder {
  std::string message_id;             // a UUID
  std::optional<std::string> source;  // only of this one: api:<owner of the key>; nullopt: whoever asked for it
  std::string actor;                  // api:<owner of the key> or account:<id>
  std::string traceparent;
};

enum class CancelOutcome {
  CANCELLED,           // now, or before
  NOT_WAITING,         // it has left here, or it is not decided yet
  ALREADY_DISPATCHED,  // it has left here: the provider-dispatcher has it, or it is final. Or, where the requests lag
                       // behind by more than decided_within, it is not decided yet
  UNKNOWN              // nobody of `source` asked for it, or so long ago that nothing is known of it here
};

class CancelMessage {
 public:
  CancelMessage(pg::Pool& pool, bus::Bus& bus, const Facts& facts, const Clock& clock)
      : pool_(pool), bus_(bus), facts_(facts), clock_(clock) {}
  CancelOutcome operator()(const CancelOrder& order);

 private:
  pg::Pool& pool_;
  bus::Bus& bus_;
  const Facts& facts_;
  const Clock& clock_;
};

}  // namespace carillon::orchestrator
