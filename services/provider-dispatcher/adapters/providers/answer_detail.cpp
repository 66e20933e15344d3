#include "provider-dispatcher/adapters/providers/answer_detail.hpp"

#include <algorithm>
#include <cctype>

#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

constexpr std::size_t input_chars_max = 4 * 1024;  // what is looked at; more can't fit the result
constexpr std::size_t word_chars_max = 32;         // keys and tokens are longer, words of a language rarely
constexpr int digits_max = 5;                      // error codes have up to five, phone numbers more

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string without(std::string text, std::string_view secret) {
  if (secret.size() < 4) return text;
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) {
    text.replace(at, secret.size(), "***");
  }
  return text;
}

bool may_identify(std::string_view word) {
  const bool address = word.find('@') != std::string_view::npos || word.find("%40") != std::string_view::npos;
  return address || word.size() > word_chars_max || std::count_if(word.begin(), word.end(), is_digit) > digits_max;
}

std::size_t char_start_at_or_before(std::string_view text, std::size_t at) {
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

// A number may be written in groups: a word of digits and phone punctuation after another such word is the same number.
bool is_number_group(std::string_view word) {
  return std::any_of(word.begin(), word.end(), is_digit) && std::all_of(word.begin(), word.end(), [](char c) {
           return is_digit(c) || std::string_view("+-().,").find(c) != std::string_view::npos;
         });
}

}  // namespace

std::string safe_detail(std::string_view text, const std::vector<std::string>& secrets) {
  std::string input(text.substr(0, input_chars_max));
  for (const std::string& secret : secrets) input = without(std::move(input), secret);
  for (char& c : input) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  std::string out;
  bool after_number = false;
  for (std::size_t at = 0; at < input.size() && out.size() <= detail_chars_max;) {
    const std::size_t end = std::min(input.find(' ', at), input.size());
    const std::string_view word = std::string_view(input).substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    const bool number = is_number_group(word);
    if (!out.empty()) out += ' ';
    out += may_identify(word) || (number && after_number) ? std::string_view("***") : word;
    after_number = number;
  }
  if (out.size() > detail_chars_max) out.resize(char_start_at_or_before(out, detail_chars_max));
  if (!is_valid_utf8(out)) {
    for (char& c : out) {
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
  }
  return out;
}

}  // namespace carillon::dispatcher
