#include "provisioning/core/answer_words.hpp"

#include <catch2/catch.hpp>

using namespace carillon::provisioning;

TEST_CASE("answers: a word is the same whatever stands around it") {
  for (const char* text : {"yes", " YES! ", "\"Yes\"", "yes \xF0\x9F\x91\x8D", "\nYES\r\n"}) {
    INFO(text);
    CHECK(answer_word(text) == "YES");
  }
  CHECK(answer_word("not  yet") == "NOT YET");
  CHECK(answer_word("\xF0\x9F\x91\x8D").empty());
  CHECK(answer_word("").empty());
}

TEST_CASE("answers: one line holds no control characters and only UTF-8") {
  CHECK(one_line("  Joe's\t\n Pizza \x7f") == "Joe's Pizza");
  CHECK(one_line(std::string("a\0b", 3)) == "a b");
  CHECK(one_line("a\xff") == "a\xef\xbf\xbd");
  CHECK(one_line("").empty());
}

TEST_CASE("answers: characters are counted, not bytes") {
  CHECK(characters("") == 0);
  CHECK(characters("Jos\xC3\xA9") == 4);
  CHECK(characters("\xF0\x9F\x94\x94\xF0\x9F\x94\x94") == 2);
}

TEST_CASE("answers: two parts are parted by what comes first") {
  using Parts = std::pair<std::string, std::string>;
  CHECK(two_parts("Plumber, Leeds") == Parts{"Plumber", "Leeds"});
  CHECK(two_parts("Plumber in Leeds, UK") == Parts{"Plumber", "Leeds, UK"});
  CHECK(two_parts("Plumber, based in Leeds") == Parts{"Plumber", "based in Leeds"});
  CHECK(two_parts("\nHair salon\nInverness\n") == Parts{"Hair salon", "Inverness"});
  CHECK(two_parts("Bakery - Bath") == Parts{"Bakery", "Bath"});
  CHECK(two_parts("Bakery / Bath") == Parts{"Bakery", "Bath"});
  for (const char* text : {"", "Plumber", ",", "Plumber,", ", Leeds", "Interior design"}) {
    INFO(text);
    CHECK_FALSE(two_parts(text));
  }
}
