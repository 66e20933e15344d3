// As much of MIME (RFC 2045-2047) as showing a mail needs. Pure; never throws on bad input, shows what it can.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::sandbox {

using MailHeaders = std::vector<std::pair<std::string, std::string>>;

struct ParsedMail {
  MailHeaders headers;                                   // unfolded, RFC 2047 words decoded
  std::string text;                                      // the first text/plain
  std::string html;                                      // the first text/html
  std::string_view header(std::string_view name) const;  // case-insensitive, "" when absent
};

ParsedMail parse_mail(std::string_view data);
std::string decoded_words(std::string_view header);  // "=?UTF-8?B?...?=" and "=?utf-8?q?...?="
std::string decoded_quoted_printable(std::string_view text);

}  // namespace carillon::sandbox
