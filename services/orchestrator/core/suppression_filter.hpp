// The suppression list's queries and orders, checked. Every refusal has code INVALID_FIELD (or MALFORMED_JSON) and
// starts with the field's name; none repeats an address. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/events.hpp"
#include "security/seal.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

inline constexpr int suppression_page_max = 200;
inline constexpr int suppression_page_default = 50;
inline constexpr std::size_t suppression_reason_chars_max = 64;
inline constexpr std::string_view manual_suppression_reason = "MANUAL";

// What an entry blocks. "": everything to the recipient on the channel. Else what can be unsubscribed of that category;
// "*": of all categories.
inline constexpr std::string_view every_category = "*";

struct Suppression {
  std::string channel;
  std::string recipient_hash;
  std::string category;
  std::string reason;      // stable upper-case word
  std::string message_id;  // that led to it; "" when none did
  std::string source;      // feedback, link, or api:<owner of the key>
  UtcTime created_at{};
  bool operator==(const Suppression&) const = default;
};

// Whether it is a recipient_hash, whole: 64 hex digits in lower case.
bool is_hash(std::string_view text);

// The hashes a recipient may be stored under: its own when it is one already, else those of the address, number or
// webhook URL under every key. nullopt when it is neither.
std::optional<std::vector<std::string>> hashes_of(std::string_view recipient, const security::Sealer& sealer);

// Newest first; the page goes on behind this entry.
struct SuppressionPlace {
  UtcTime created_at{};
  std::string channel, recipient_hash, category;
  bool operator==(const SuppressionPlace&) const = default;
};
std::string suppression_cursor(const SuppressionPlace& place);

struct SuppressionFilter {
  std::optional<std::string> channel, reason;
  std::optional<std::vector<std::string>> hashes;
  std::optional<SuppressionPlace> after;
  int limit = suppression_page_default;
};
Result<SuppressionFilter> read_suppression_filter(const std::map<std::string, std::string>& query,
                                                  const security::Sealer& sealer);

// {"channel":"EMAIL","recipient":"ann@example.com","reason":"MANUAL"}: the recipient in clear, in normal form,
// or its recipient_hash.
struct SuppressionOrder {
  events::Channel channel{};
  std::string recipient;
  std::string reason{manual_suppression_reason};
};
Result<SuppressionOrder> read_suppression_order(std::string_view json);
std::string hash_of(const SuppressionOrder& order, const security::Sealer& sealer);

// The path's parts and ?category=: what is to be lifted.
struct SuppressionLift {
  events::Channel channel{};
  std::vector<std::string> hashes;
  std::string category;
};
Result<SuppressionLift> read_suppression_lift(std::string_view channel, std::string_view recipient,
                                              const std::map<std::string, std::string>& query,
                                              const security::Sealer& sealer);

}  // namespace carillon::orchestrator
