// Query parameters of the lists and figures, checked. Every refusal has code INVALID_FIELD and starts with the
// parameter's name. Pure.
#pragma once
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/events.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::health {

inline constexpr int page_limit_max = 200;
inline constexpr int page_limit_default = 50;
inline constexpr std::size_t filter_chars_max = 254;
inline constexpr std::size_t references_max = 16;  // of one recipient: as many keys may be in rotation

using QueryFields = std::map<std::string, std::string>;

// Failure when `query` holds a name that is not in `known`.
std::optional<Failure> refuse_unknown(const QueryFields& query, std::initializer_list<std::string_view> known);
// A whole number in [min, max], or the default when absent.
Result<int> whole_number(const QueryFields& query, const std::string& name, int default_value, int min, int max);

struct MessageFilter {
  std::optional<events::Status> status;
  std::optional<events::Channel> channel;
  std::optional<std::string> template_key, client_id, provider, recipient;  // recipient: the exact address or number
  std::vector<std::string> recipient_hashes;  // instead of the recipient: its references, as pages hand them on
  std::optional<UtcTime> from, to;            // acceptance, [from, to), to the millisecond
  std::optional<std::string> cursor;
  int limit = page_limit_default;
};
Result<MessageFilter> read_message_filter(const QueryFields& query);

struct AuditFilter {
  std::optional<std::string> action, subject_id, client_id, actor;
  std::optional<UtcTime> from, to;
  std::optional<std::string> cursor;
  int limit = page_limit_default;
};
Result<AuditFilter> read_audit_filter(const QueryFields& query);

}  // namespace carillon::health
