#include "values/opt_out.hpp"

#include <catch2/catch.hpp>

using namespace carillon;

TEST_CASE("opt-out: the words count when they stand alone, whatever their case and punctuation") {
  for (const char* text :
       {"STOP", "stop", " Stop. ", "unsubscribe", "Cancel", "END\r\n", "quit!", "StopAll", "revoke", "OptOut"}) {
    INFO(text);
    CHECK(opt_out_word(text) == OptOutWord::STOP);
  }
  CHECK(opt_out_word("help") == OptOutWord::HELP);
  CHECK(opt_out_word("Info.") == OptOutWord::HELP);
  CHECK(opt_out_word("START") == OptOutWord::START);
  CHECK(opt_out_word("unstop") == OptOutWord::START);
  for (const char* text : {"", "!", "stop it", "please stop", "yes", "YES", "don't stop"}) {
    INFO(text);
    CHECK(opt_out_word(text) == OptOutWord::NONE);
  }
}
