// How large attachments may be. Pure.
#pragma once
#include <cstddef>

namespace carillon::attachments {

// Of one file, and of all files of one message together. Providers take mails of 10 MB (Postmark, SES) or more, in
// which files are base64, a third longer.
inline constexpr std::size_t attachment_bytes_max = 7 * 1024 * 1024;
inline constexpr std::size_t attachments_per_message_max = 10;

// What an owner has stored is counted in files of this size at least, so that there are never too many to count.
inline constexpr std::size_t counted_file_bytes_min = 16 * 1024;
inline constexpr std::size_t counted_file_bytes(std::size_t bytes) {
  return bytes < counted_file_bytes_min ? counted_file_bytes_min : bytes;
}

}  // namespace carillon::attachments
