#include "values/utf8.hpp"

#include <catch2/catch.hpp>

#include "values/recipient.hpp"

using namespace carillon;

TEST_CASE("utf-8: well-formed text is valid, wherever the characters lie") {
  CHECK(is_valid_utf8(""));
  for (const char* character :
       {"a", "é", "€", "🔔", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80"}) {
    for (int lead = 0; lead < 18; ++lead) {
      CHECK(is_valid_utf8(std::string(static_cast<std::size_t>(lead), 'x') + character + "12345678"));
    }
  }
}

TEST_CASE("utf-8: malformed text is not valid, wherever the bytes lie") {
  const auto bytes =
      GENERATE(as<std::string>{}, "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE2\x82", "\xE0\x80\x80",
               "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
               "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x9F\x94", "\xFE", "\xFF");
  for (int lead = 0; lead < 18; ++lead) {
    const std::string before(static_cast<std::size_t>(lead), 'x');
    CHECK_FALSE(is_valid_utf8(before + bytes));
    CHECK_FALSE(is_valid_utf8(before + bytes + "12345678"));
    CHECK(is_valid_utf8(valid_utf8(before + bytes + "y")));
  }
}

TEST_CASE("utf-8: code points are read one after the other") {
  const std::string text = "a€🔔\xFFz";
  std::size_t at = 0;
  CHECK(next_code_point(text, at) == U'a');
  CHECK(next_code_point(text, at) == U'€');
  CHECK(next_code_point(text, at) == U'🔔');
  CHECK(next_code_point(text, at) == malformed_utf8);
  CHECK(next_code_point(text, at) == U'z');
  CHECK(at == text.size());
}

TEST_CASE("utf-8: malformed bytes are replaced, the rest is kept") {
  CHECK(valid_utf8("caf\xE9 é") == "caf\xEF\xBF\xBD é");
  CHECK(valid_utf8("é") == "é");
}

TEST_CASE("utf-8: a text is cut between characters") {
  CHECK(utf8_prefix("abc", 3) == "abc");
  CHECK(utf8_prefix("abcd", 3) == "abc");
  CHECK(utf8_prefix("ab€", 4) == "ab");
  CHECK(utf8_prefix("ab€", 3) == "ab");
  CHECK(utf8_prefix("ab€d", 5) == "ab€");
  CHECK(utf8_prefix("🔔", 3) == "");
  CHECK(utf8_prefix("abc", 0) == "");
}
