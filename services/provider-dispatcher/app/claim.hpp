// A claimed message on its way through one call, and what came of it.
#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/record.hpp"
#include "events/events.hpp"
#include "provider-dispatcher/core/outcome.hpp"
#include "provider-dispatcher/core/provider.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher {

// Index of a provider in the roster.
using ProviderIndex = std::size_t;
inline constexpr ProviderIndex unknown_provider = std::numeric_limits<ProviderIndex>::max();

// When a rated call may begin, in this machine's steady time.
struct CallSlot {
  SteadyTime begins_at{};
  SteadyTime late_after{};  // a call that has not begun by then has lost its slot
};

// The files of a message that is about to be called (app/load_attachments.hpp).
struct CarriedFiles {
  std::vector<Attachment> files;     // they move into the call
  std::shared_ptr<const void> room;  // their place in memory, until the call has ended
};

// Owned by one thread at a time: ingest or claimer, then the call, then the settler.
struct Claim {
  std::int64_t number = 0;  // with the instance it names this claim for ever
  ProviderIndex provider = unknown_provider;
  std::string provider_name;
  bool holds_place = false;  // a place in Capacity is given back when the claim is settled
  bool trial = false;        // of a breaker that is not closed
  int priority = 2;          // 1 CRITICAL, 2 NORMAL, 3 BULK
  int round = 1;
  int attempt = 1;                 // number of this call
  std::vector<std::string> tried;  // in this round, before this call
  bool extra_call = false;
  events::Dispatch dispatch;         // subject, text and html move into the call
  std::optional<bus::Place> record;  // where the dispatch came from; nothing when the row itself holds it
  std::string unreadable;            // why the dispatch can't be read; it is not called then
  CarriedFiles carried;
  std::string recipient_masked;
  std::string traceparent;
  std::optional<CallSlot> slot;
  SteadyTime queued_at{};
};
using ClaimPtr = std::shared_ptr<Claim>;

// A claim that is ready to be settled.
struct Finished {
  enum class How {
    ANSWERED,  // `outcome` says what the call came to (or why none was made: called = false)
    EXPIRED,   // too late to call
    RELEASED   // not called: back to waiting
  };
  ClaimPtr claim;
  How how = How::ANSWERED;
  bool called = true;
  Outcome outcome;
  UtcTime at{};
};

inline int priority_rank(events::Priority priority) {
  switch (priority) {
    case events::Priority::CRITICAL:
      return 1;
    case events::Priority::BULK:
      return 3;
    default:
      return 2;
  }
}

}  // namespace carillon::dispatcher
