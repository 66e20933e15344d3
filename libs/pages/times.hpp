// Times on pages: relative for the eye, exact on hover and in what is copied. Pure.
#pragma once
#include <chrono>
#include <string>

#include "time/utc_time.hpp"

namespace carillon::pages {

// "just now", "12 s ago", "3 min ago", "2 h ago", "5 d ago"; of what is to come "in 3 min".
std::string ago(UtcTime at, UtcTime now);
// "4 s", "12 min", "3 h", "2 d": rounded down.
std::string span_text(std::chrono::seconds span);
// "2026-01-31 23:59:59 UTC", to the second.
std::string exact_text(UtcTime at);
// A <time> element, escaped; carillon.js keeps it relative.
std::string time_tag(UtcTime at, UtcTime now);

}  // namespace carillon::pages
