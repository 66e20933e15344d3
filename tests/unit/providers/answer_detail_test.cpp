#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/answer_detail.hpp"
#include "values/recipient.hpp"

namespace {

using carillon::dispatcher::safe_detail;

TEST_CASE("answer detail: addresses, numbers and keys become ***") {
  CHECK(safe_detail("Found inactive addresses: ann@example.com.") == "Found inactive addresses: ***");
  CHECK(safe_detail("The number +447700900123 is not valid") == "The number *** is not valid");
  CHECK(safe_detail("token 01234567-89ab-cdef-0123-456789abcdef refused") == "token *** refused");
  CHECK(safe_detail("to=ann%40example.com") == "***");
  CHECK(safe_detail("code 21211 for you") == "code 21211 for you");
}

TEST_CASE("answer detail: a number written in groups keeps at most its first group") {
  const std::string detail = safe_detail("call +44 7700 900 123 now");
  CHECK(detail.find("7700") == std::string::npos);
  CHECK(detail.find("900") == std::string::npos);
}

TEST_CASE("answer detail: given secrets are cut out wherever they stand") {
  const std::string detail = safe_detail("x-hunter2hunter-y and hunter2hunter", {"hunter2hunter"});
  CHECK(detail == "x-***-y and ***");
}

TEST_CASE("answer detail: one line, valid UTF-8, bounded") {
  CHECK(safe_detail("a\r\nSet-Cookie: b\x01\x7f c") == "a Set-Cookie: b c");
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "ä ";
  const std::string cut = safe_detail(umlauts);
  CHECK(cut.size() <= 300);
  CHECK(carillon::is_valid_utf8(cut));
  CHECK(carillon::is_valid_utf8(safe_detail("bad \xff\xfe bytes")));
  CHECK(safe_detail(std::string(1'000'000, 'x')).size() <= 300);
}

}  // namespace
