// What stands in a link to unsubscribe: who would no longer get what, signed, so that nobody can make one up. Pure.
//
// base64url of version (1 byte), channel (1), recipient's hash (32), message id (16), length of the category (1), the
// category, and HMAC-SHA-256 over all of it (32). Links have no end: an old mail's must still work.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "events/events.hpp"
#include "security/seal.hpp"

namespace carillon::orchestrator {

inline constexpr std::size_t unsubscribe_token_chars_max = 256;

struct UnsubscribeTicket {
  events::Channel channel{};
  std::string recipient_hash;  // 64 hex digits, as the message's
  std::string category;        // at most unsubscribable_category_chars_max
  std::string message_id;      // UUID of the message that carried the link
  bool operator==(const UnsubscribeTicket&) const = default;
};

// Whether links that begin so can be followed with one click: https (RFC 8058), or this very machine, for a trial.
bool carries_links(std::string_view public_url);

// Throws std::invalid_argument for a ticket whose parts are not as said above.
std::string unsubscribe_token(const UnsubscribeTicket& ticket, const security::Sealer& sealer);
// nullopt for anything that unsubscribe_token did not make with one of the sealer's keys.
std::optional<UnsubscribeTicket> read_unsubscribe_token(std::string_view token, const security::Sealer& sealer);

}  // namespace carillon::orchestrator
