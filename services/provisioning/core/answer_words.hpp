// Reading what people write in an SMS: spaces, case, punctuation and emoji around a word change nothing. Pure.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace carillon::provisioning {

// " Yes! 👍" -> "YES": what stands before the first and behind the last ASCII letter or digit goes, ASCII letters
// become capitals, spaces and line breaks in between become one space each.
std::string answer_word(std::string_view text);

// "Land-line 2" -> "LANDLINE2": ASCII letters and digits alone, as capitals.
std::string letters_and_digits(std::string_view text);

// One line: malformed UTF-8 becomes U+FFFD, control characters and spaces in a row one space, none at the ends.
std::string one_line(std::string_view text);

// Characters, not bytes; of valid UTF-8.
std::size_t characters(std::string_view text);

// "Plumber, Leeds", "Plumber in Leeds, UK", "Plumber\nLeeds": what stands before and behind the first of these.
// nullopt when there are no two parts.
std::optional<std::pair<std::string, std::string>> two_parts(std::string_view text);

}  // namespace carillon::provisioning
