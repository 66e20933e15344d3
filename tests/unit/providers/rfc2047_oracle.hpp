// A decoder of RFC 2047 base64 words, written apart from the encoder it checks.
#pragma once
#include <string>
#include <string_view>

#include "security/digest.hpp"

inline std::string words_decoded(std::string_view words) {
  constexpr std::string_view begin = "=?UTF-8?B?";
  std::string out;
  while (!words.empty()) {
    const std::size_t end = words.find("?=", begin.size());
    if (words.substr(0, begin.size()) != begin || end == std::string_view::npos) return "not an encoded word";
    bool ok = false;
    out += carillon::security::from_base64(words.substr(begin.size(), end - begin.size()), ok);
    if (!ok) return "not base64";
    words.remove_prefix(end + 2);
    if (words.substr(0, 3) == "\r\n ") words.remove_prefix(3);
  }
  return out;
}
