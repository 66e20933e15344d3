// What a client has to keep valid: a certificate, a licence, a record, with the date on which it expires. Read from
// JSON and checked here. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "provisioning/core/calendar_date.hpp"
#include "provisioning/core/list_query.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

// Values of status. All but RESOLVED ones are reminded of.
inline constexpr std::string_view item_active = "ACTIVE";
inline constexpr std::string_view item_unverified = "PENDING_VERIFICATION";  // somebody has to look at it
inline constexpr std::string_view item_resolved = "RESOLVED";                // nothing is to be done about it any more

inline constexpr std::size_t item_name_chars_max = 120;
inline constexpr int items_per_client_max = 200;  // so that one mail can name them all

struct ComplianceItem {
  std::string id;  // UUID
  std::string client_id;
  std::string name;
  Date expires_on{};
  std::string status{item_active};
  UtcTime status_since{};
  UtcTime created_at{}, updated_at{};
  bool operator==(const ComplianceItem&) const = default;
};

// The item with what the body says: name, expires_on (2027-02-28), status. A new one needs the first two. Failure
// MALFORMED_JSON, or INVALID_FIELD with a detail that begins with the field's name.
Result<ComplianceItem> changed_item(const ComplianceItem& item, std::string_view body, bool is_new, UtcTime now);
// Names of what differs, for audit entries.
std::vector<std::string_view> changed_fields(const ComplianceItem& before, const ComplianceItem& after);

struct ItemFilter {
  std::optional<std::string> status;
  std::optional<PagePlace> after;
  int limit = page_rows_default;
};
// Failure INVALID_FIELD, the detail begins with the parameter's name.
Result<ItemFilter> read_item_filter(const QueryFields& query);

}  // namespace carillon::provisioning
