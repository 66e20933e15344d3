// What the check of a provider's webhook came to. The words are the same in logs and metrics. Pure, thread-safe.
#pragma once
#include <boost/describe.hpp>
#include <chrono>
#include <optional>
#include <string_view>

#include "time/utc_time.hpp"

namespace carillon::security::webhooks {

BOOST_DEFINE_ENUM_CLASS(Verdict,
                        VALID,                   // the provider sent exactly this, lately enough
                        NOT_CONFIGURED,          // we have no secret or key to check with
                        MISSING,                 // the request has no signature
                        MALFORMED,               // signature, time or message can't be read, or is too long
                        MISMATCH,                // made with another secret, or something was changed on the way
                        TOO_OLD,                 // signed longer ago than is tolerated: a replay, or our clock is ahead
                        TOO_NEW,                 // signed in the future: our clock is behind
                        WRONG_TOPIC,             // SNS: a topic that is not ours
                        BAD_CERTIFICATE_URL,     // SNS: the certificate is not at SNS
                        BAD_CERTIFICATE,         // SNS: no certificate, or its key is not RSA
                        MISSING_ISSUER,          // SNS: the certificate of who issued it is needed as well
                        UNTRUSTED_CERTIFICATE,   // SNS: no chain to a trusted root
                        EXPIRED_CERTIFICATE,     // SNS: the time is outside the validity of the chain
                        WRONG_CERTIFICATE_NAME)  // SNS: trusted, but issued to another name

std::string_view word(Verdict verdict);  // "MISMATCH"

// Decimal seconds since 1970 without sign or leading zero, up to the year 9999; nullopt for anything else.
std::optional<UtcTime> parse_unix_seconds(std::string_view text);
std::int64_t unix_seconds(UtcTime time);  // whole seconds, rounded down

// TOO_OLD, TOO_NEW, or VALID when `signed_at` is within the tolerances (inclusive). `now` counts in whole seconds, as
// providers' own libraries count.
[[nodiscard]] Verdict judge_time(UtcTime signed_at, UtcTime now, std::chrono::seconds age_max,
                                 std::chrono::seconds ahead_max);

}  // namespace carillon::security::webhooks
