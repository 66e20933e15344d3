// Attachments on their way into a mail: whatever a producer gives as name and type, nothing in it can begin a header,
// leave a folder or hide an extension. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher {

inline constexpr std::size_t file_name_bytes_max = 200;     // file systems take 255 bytes, and savers add " (1)"
inline constexpr std::size_t content_type_chars_max = 127;  // RFC 6838, 4.2: each half
inline constexpr std::string_view nameless_file = "attachment";

// Valid UTF-8 of 1 to file_name_bytes_max bytes: control characters and those that turn the writing direction become
// spaces, path separators '_', double quotes single ones (not every provider escapes them in the mail it makes); spaces
// and dots at both ends go. What is too long is cut in front of its extension. Other characters stay.
std::string safe_file_name(std::string_view name);

// The type itself when it is type/subtype of RFC 2045's tokens, perhaps with parameters in printable ASCII; else, and
// for multipart and message (RFC 2046, 5: they may not be base64), "application/octet-stream".
std::string safe_content_type(std::string_view type);

std::string_view bytes_of(const Attachment& attachment);  // empty when it has no content

// "Content-Disposition: attachment; filename=..." for a name that is safe: quoted when it is short and plain, else by
// RFC 2231 in UTF-8, in as many folded pieces as it needs. No line is longer than 78 characters.
std::string attachment_disposition(std::string_view safe_name);

}  // namespace carillon::dispatcher
