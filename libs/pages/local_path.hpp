// Where to go after a login: only to a path of our own, for a link to us must not lead elsewhere. Pure.
#pragma once
#include <string>
#include <string_view>

namespace carillon::pages {

inline constexpr std::size_t local_path_chars_max = 1'000;

// A path with a query perhaps, in visible ASCII: begins with one slash and holds neither a backslash, which browsers
// take for a slash, nor a control character, which they leave out.
constexpr bool is_local_path(std::string_view text) {
  if (text.empty() || text.size() > local_path_chars_max || text.front() != '/') return false;
  if (text.size() > 1 && text[1] == '/') return false;
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7F || c == '\\') return false;
  }
  return true;
}

inline std::string local_path_or(std::string_view text, std::string_view otherwise) {
  return std::string(is_local_path(text) ? text : otherwise);
}

}  // namespace carillon::pages
