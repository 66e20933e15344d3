// Messages out of the message log: one with its history, or pages of them, newest first.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "health-aggregator/core/list_filter.hpp"
#include "health-aggregator/core/message_state.hpp"
#include "postgres/connection.hpp"
#include "security/seal.hpp"

namespace carillon::health {

// How many index rows one page may look at, and of how many messages it may read the history. A filter that few
// messages fit may give a short page, even an empty one, with a cursor to go on from.
inline constexpr int page_rows_max = 5'000;
inline constexpr std::size_t page_views_max = 1'000;

struct MessagePage {
  std::vector<MessageView> messages;
  std::optional<std::string> next_cursor;  // none: this was the last page
};

// nullopt: nothing has been logged of it. `message_id` must be a UUID.
std::optional<MessageView> find_message(pg::Connection& connection, const std::string& message_id);

// The HMAC references the orchestrator has logged for a recipient, one for each key in rotation, the newest key's last:
// of numbers as they are, of addresses and URLs with domain and host in lower case.
std::vector<std::string> references_of(const std::string& recipient, const security::Sealer& sealer);

// status fits a message's send or delivery state as it is now; the recipient is looked up by its HMAC
// references under every key in rotation.
// Failure INVALID_FIELD for a cursor that is none.
Result<MessagePage> find_messages(pg::Connection& connection, const MessageFilter& filter,
                                  const security::Sealer& sealer);

}  // namespace carillon::health
