// Syntax of a send request: what is refused before anything is stored. Pure.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "events/events.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

inline constexpr std::size_t idempotency_key_chars_max = 200;
inline constexpr std::size_t source_chars_max = 200;
inline constexpr std::size_t template_key_chars_max = 64;
inline constexpr std::size_t client_id_chars_max = 100;
inline constexpr std::size_t locale_chars_max = 35;  // RFC 5646, 4.4.1
inline constexpr std::size_t context_chars_max = 200;
inline constexpr std::size_t metadata_entries_max = 10;
inline constexpr std::size_t metadata_name_chars_max = 40;
inline constexpr std::size_t metadata_value_chars_max = 200;
inline constexpr std::size_t variables_bytes_max = 256 * 1024;
inline constexpr std::chrono::days send_at_horizon{90};  // from acceptance

// nullopt = well formed. Else INVALID_FIELD; the detail is "<field>: <what is wrong>" and repeats no value.
std::optional<Failure> find_invalid_field(const events::SendRequest& request);

// The platform's own mark in the metadata of a request that an ADMIN makes to see a template arrive; senders can't set
// it (find_reserved_field). Such a request asks nothing of a client and takes no rate window, its template may be
// switched off.
inline constexpr const char* test_send_mark = "test_send";
inline bool is_test_send(const events::SendRequest& request) {
  return request.metadata.contains(test_send_mark);
}
// Of a request as a sender wrote it: what only the platform may say.
std::optional<Failure> find_reserved_field(const events::SendRequest& request);

// A language tag: letters, digits, - and _.
bool is_locale(std::string_view locale);

// Whether the recipient is a secret by itself: a webhook's URL. Such a request rests sealed, whatever its template.
bool has_secret_recipient(const events::SendRequest& request);

// The field of an INVALID_FIELD failure: what stands before the first ": ".
std::string_view failed_field(const Failure& failure);

}  // namespace carillon::orchestrator
