// Text on its way into a header of a mail. Pure.
#pragma once
#include <string>
#include <string_view>

#include "time/utc_time.hpp"

namespace carillon::dispatcher {

// Control characters (CR, LF, NUL, DEL and the rest of C0) become spaces: nothing can begin a header of its own.
std::string single_line(std::string_view text);

// RFC 2047: printable ASCII stays as it is, anything else becomes "=?UTF-8?B?...?=" words of at most 75 characters with
// folds between them; a character is never split. Takes any text and passes it through single_line first.
std::string encoded_header_text(std::string_view text);

// "Tue, 01 Sep 2026 10:00:00 +0000" (RFC 5322, 3.3).
std::string mail_date(UtcTime time);

}  // namespace carillon::dispatcher
