#include "provider-dispatcher/adapters/receipts/read_receipts.hpp"

#include "provider-dispatcher/adapters/providers/answer_detail.hpp"
#include "values/utf8.hpp"

namespace carillon::dispatcher {

std::string receipt_detail(std::string_view text, std::string_view recipient) {
  const std::string_view local_part = recipient.substr(0, recipient.rfind('@'));
  return safe_detail(text, {std::string(recipient), std::string(local_part)});  // leaves shorter ones than 4 alone
}

std::string receipt_word(std::string_view text) {
  std::string word = valid_utf8(utf8_prefix(text, receipt_word_chars_max));
  for (char& c : word) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return word;
}

std::string receipt_reason(std::string_view word) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  std::string out;
  for (std::size_t i = 0; i < word.size() && out.size() < receipt_reason_chars_max; ++i) {
    const char c = word[i];
    if (is_upper(c) && i > 0 && is_lower(word[i - 1])) out += '_';
    if (is_lower(c)) {
      out += static_cast<char>(c - 'a' + 'A');
    } else {
      out += is_upper(c) || (c >= '0' && c <= '9') ? c : '_';
    }
  }
  return out;
}

}  // namespace carillon::dispatcher
