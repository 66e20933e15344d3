// Identifiers in time order: UUID version 7 (RFC 9562, section 5.7), so that index pages fill from one end.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "time/utc_time.hpp"

namespace carillon {

// A new id: 48 bits of milliseconds of `now`, a 12-bit counter that keeps ids of one process in order within a
// millisecond, 62 random bits. Thread-safe, does not block. Canonical lower-case form, 36 characters.
std::string new_uuid(UtcTime now);

// The id of the n-th further message of one request: the same time bits, the random tail plus n. n = 0 is `first`
// itself.
std::string sibling_uuid(std::string_view first, std::uint32_t n);

bool is_uuid(std::string_view text);  // canonical lower-case form only

// The time inside a version 7 id; nullopt for anything else.
std::optional<UtcTime> uuid_time(std::string_view uuid);

}  // namespace carillon
