// What an operator may change about a client, read from JSON and checked. Pure.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "provisioning/core/client.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

inline constexpr std::size_t client_id_chars_max = 100;
inline constexpr std::size_t text_chars_max = 200;  // names and the like, in code points
inline constexpr std::size_t entitlements_max = 50;
inline constexpr std::size_t feature_key_chars_max = 64;
inline constexpr std::size_t locale_chars_max = 35;  // RFC 5646, 4.4.1

bool is_client_id(std::string_view text);

enum class ChangeKind {
  REPLACE,  // what the body does not name gets its default; payment_active and a masked Slack webhook stay
  MERGE,    // what the body does not name stays; null is the default (RFC 7396)
};

using IsTimeZone = std::function<bool(std::string_view)>;

// The client with what the body says. Members that the platform keeps by itself (version, twilio_number, ...) are
// ignored, so that an answer can be sent back changed; `client_id` may be given when it is the client's own.
// Failure MALFORMED_JSON, or INVALID_FIELD with a detail "contacts.email: what is wrong", which never repeats a value.
Result<Client> changed(const Client& client, std::string_view body, ChangeKind kind, const IsTimeZone& is_time_zone);

// The client with everything that an operator may give back at its default, but payment_active.
Client without_facts(const Client& client);

// Names of what differs; for audit entries, which must not hold the values.
std::vector<std::string_view> changed_fields(const Client& before, const Client& after);

// The member client_id of a body; "" when there is none. Failure MALFORMED_JSON or INVALID_FIELD.
Result<std::string> read_client_id(std::string_view body);

}  // namespace carillon::provisioning
