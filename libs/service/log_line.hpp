// One log line as text: what log.hpp writes. Pure, for tests.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "service/log.hpp"
#include "time/utc_time.hpp"

namespace carillon::log {

// A JSON object without a line break, whatever bytes the fields hold: control characters are escaped, bytes that are
// not UTF-8 become U+FFFD, numbers that JSON has no form for (NaN, infinities) become strings.
std::string line(UtcTime now, Level level, std::string_view service, std::string_view event,
                 std::initializer_list<Field> fields, std::string_view trace_id);

}  // namespace carillon::log
