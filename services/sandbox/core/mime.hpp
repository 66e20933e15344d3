// As much of MIME (RFC 2045-2047) as showing a mail needs. Pure; never throws on bad input, shows what it can.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::sandbox {

using MailHeaders = std::vector<std::pair<std::string, std::string>>;

// An attachment: a part that is no text to be read, or says that it is a file.
struct MailFile {
  std::string file_name, content_type;  // decoded; the type without parameters
  std::string encoding;                 // Content-Transfer-Encoding in lower case
  std::string_view body;                // as it came: into the mail's data
};
std::string decoded(const MailFile& file);

struct ParsedMail {
  MailHeaders headers;  // unfolded, RFC 2047 words decoded
  std::string text;     // the first text/plain
  std::string html;     // the first text/html
  std::vector<MailFile> files;
  std::string_view header(std::string_view name) const;  // case-insensitive, "" when absent
};

ParsedMail parse_mail(std::string_view data);        // `files` are views into `data`
std::string decoded_words(std::string_view header);  // "=?UTF-8?B?...?=" and "=?utf-8?q?...?="
std::string decoded_quoted_printable(std::string_view text);

}  // namespace carillon::sandbox
