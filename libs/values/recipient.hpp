// E-mail addresses, phone numbers and webhook URLs: syntax, normal form, masking. No I/O.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "values/result.hpp"

namespace carillon {

inline constexpr std::size_t email_chars_max = 254;  // RFC 5321, 4.5.3.1.3 less the angle brackets
inline constexpr std::size_t email_local_chars_max = 64;
inline constexpr std::size_t webhook_url_chars_max = 2'000;

// E.164: '+', country code that exists in ITU-T E.164's list of assigned codes, 7 to 15 digits in all, ASCII digits
// only. Returns the number itself. Failure code INVALID_PHONE_NUMBER; the detail never repeats the number.
Result<std::string> parse_e164(std::string_view text);

// "+44" of "+447700900123", which has to be a number that parse_e164 gave.
std::string_view calling_code(std::string_view e164);

// addr-spec of RFC 5322 without comments, quoted local parts and address literals; UTF-8 local parts and domains are
// accepted (RFC 6531); no CR, LF, NUL, spaces. The domain has at least two labels, its ASCII letters are lower-cased.
// Failure code INVALID_EMAIL_ADDRESS; the detail never repeats the address.
Result<std::string> parse_email(std::string_view text);

// What a recipient is counted and remembered under, whoever spells it: an e-mail address in lower case (nearly every
// mail server takes all its spellings for one mailbox, RFC 5321 2.4 notwithstanding), anything else as it is.
std::string canonical_recipient(std::string_view recipient);

// A webhook's URL, of a Slack channel say: "https://", a host name, perhaps a port, and a path that goes on after its
// first slash; no user name, no fragment, ASCII without spaces. Scheme and host are lower-cased. Whoever knows the URL
// may write there, so it is a secret. Which hosts may be called is for the provider's client to say. Failure code
// INVALID_WEBHOOK_URL; the detail never repeats the URL.
Result<std::string> parse_webhook_url(std::string_view text);

// "ann@example.com" -> "a***@example.com"; "+447700900123" -> "+44*******123" (country code and the last three digits,
// fewer when that would hide less than four); "https://hooks.slack.com/services/T0/B0/x" ->
// "https://hooks.slack.com/…"; anything else -> "***".
std::string masked(std::string_view recipient);

// True when text holds CR, LF, NUL, another C0 control or DEL, which must not reach a header or subject line.
bool has_control_characters(std::string_view text);

bool is_valid_utf8(std::string_view text);

}  // namespace carillon
