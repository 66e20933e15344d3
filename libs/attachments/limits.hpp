// How large attachments may be. Pure.
#pragma once
#include <cstddef>

namespace carillon::attachments {

// Of one file, and of all files of one message together. Providers take mails of 10 MB (Postmark, SES) or more, in
// which files are base64, a third longer.
inline constexpr std::size_t attachment_bytes_max = 7 * 1024 * 1024;
inline constexpr std::size_t attachments_per_message_max = 10;

}  // namespace carillon::attachments
