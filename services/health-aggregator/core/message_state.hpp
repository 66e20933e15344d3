// What a message's status events say about it. The order in which they arrived does not matter: states are compared by
// rank, and by attempt within a rank. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "events/events.hpp"

namespace carillon::health {

// 0 for what is no send state (delivery states). Equal ranks are decided by the attempt. From final_rank on it is
// final.
inline constexpr int final_rank = 100;
int send_rank(events::Status status);
// 0 for what is no delivery state. Of the receipts of one call the highest counts; of several calls COMPLAINED goes
// before DELIVERED, and that before BOUNCED and UNDELIVERED.
int delivery_rank(events::Status status);
bool is_final(events::Status status);
// FAILED, BOUNCED, UNDELIVERED: what "failed" means in figures.
bool is_failure(events::Status status);

struct MessageView {
  std::string message_id;
  std::optional<events::Status> status;           // send state; none when only receipts have been logged so far
  std::optional<events::Status> delivery_status;  // none before the first receipt
  events::MessageEvent facts;                     // each field from the first event that carries it
  std::string provider;                           // of the newest call
  std::string reason, provider_code, detail;      // of the event that decides: a failed delivery, else the send state
  int attempts = 0;
  std::optional<UtcTime> next_attempt_at;  // of the send state, while it is not final: when it goes on
  UtcTime accepted_at{};
  UtcTime updated_at{};
  std::vector<events::MessageEvent> history;  // by time, then rank
};

// `history` is all events of one message, at least one, in any order.
MessageView view_of(std::vector<events::MessageEvent> history);

}  // namespace carillon::health
