#include "values/opt_out.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace carillon {
namespace {

constexpr std::array<std::string_view, 8> stop_words{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL",
                                                     "END",  "QUIT",    "REVOKE",      "OPTOUT"};
constexpr std::array<std::string_view, 2> help_words{"HELP", "INFO"};
constexpr std::array<std::string_view, 2> start_words{"START", "UNSTOP"};

std::string upper_word(std::string_view text) {
  constexpr std::string_view around = " \t\r\n.!";
  const std::size_t first = text.find_first_not_of(around);
  if (first == std::string_view::npos) return {};
  std::string word(text.substr(first, text.find_last_not_of(around) - first + 1));
  for (char& c : word) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return word;
}

}  // namespace

OptOutWord opt_out_word(std::string_view text) {
  const std::string word = upper_word(text);
  const auto is_one_of = [&](const auto& words) { return std::ranges::find(words, word) != words.end(); };
  if (is_one_of(stop_words)) return OptOutWord::STOP;
  if (is_one_of(help_words)) return OptOutWord::HELP;
  if (is_one_of(start_words)) return OptOutWord::START;
  return OptOutWord::NONE;
}

}  // namespace carillon
