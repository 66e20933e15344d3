// The header X-Twilio-Signature: base64 of HMAC-SHA-1 under the account's auth token over the full URL, followed by the
// form's names and values. Sources: twilio.com/docs/usage/security, "Validating requests", and Twilio's Node library
// for what the document leaves open (ports, repeated names). That library also tries the URL in other encodings, which
// a callback URL of plain ASCII doesn't need. Pure, thread-safe.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "security/webhooks/verdict.hpp"

namespace carillon::security::webhooks {

using FormField = std::pair<std::string, std::string>;  // decoded, in any order

inline constexpr std::size_t twilio_signature_chars = 28;  // base64 of 20 bytes
inline constexpr std::string_view twilio_body_hash_parameter = "bodySHA256";

struct TwilioRequest {
  std::string_view url;  // as Twilio called it: our public address, then path and query as they came, still encoded
  std::span<const FormField> form;  // every field of a form body; none for GET and for other bodies
  std::string_view body;            // raw
};

// VALID when the signature was made with one of the tokens (several while one is replaced) over the URL as given, the
// URL without its port, or the URL with the standard port added: Twilio is not consistent there. A URL with the query
// parameter bodySHA256 is that of a JSON request: the parameter must be the body's SHA-256 and the form is not looked
// at. Without it nothing of the body is signed but `form`; use nothing else of it. Twilio signs no time, so the caller
// must cope with repeats. Never TOO_OLD or TOO_NEW.
[[nodiscard]] Verdict verify_twilio(std::string_view header, const TwilioRequest& request,
                                    std::span<const std::string> tokens);

// Names sorted by bytes; a repeated name gives its distinct values, sorted. No body is signed: see twilio_body_url.
std::string sign_twilio(std::string_view url, std::span<const FormField> form, std::string_view token);

// The URL Twilio calls with a JSON body: `url` with bodySHA256 added to its query.
std::string twilio_body_url(std::string_view url, std::string_view body);

}  // namespace carillon::security::webhooks
