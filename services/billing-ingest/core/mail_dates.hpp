// Dates as people read them in mails: "3 February 2027", in German "3. Februar 2027"; in UTC. Pure.
#pragma once
#include <string>
#include <string_view>

#include "time/utc_time.hpp"

namespace carillon::billing {

// `locale` a language tag; English for languages we have no templates in.
std::string date_text(UtcTime time, std::string_view locale);

}  // namespace carillon::billing
