#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/email_identity.hpp"
#include "provider-dispatcher/adapters/providers/header_text.hpp"
#include "unit/providers/rfc2047_oracle.hpp"

namespace {

using namespace carillon::dispatcher;

TEST_CASE("header text: control characters can't begin a new header") {
  CHECK(single_line("Hi\r\nBcc: eve@example.com") == "Hi  Bcc: eve@example.com");
  const std::string all = [] {
    std::string out;
    for (int c = 0; c < 32; ++c) out += static_cast<char>(c);
    return out + '\x7f';
  }();
  CHECK(single_line(all) == std::string(33, ' '));
  CHECK(encoded_header_text("a\r\nb") == "a  b");
}

TEST_CASE("header text: ASCII stays, other text becomes RFC 2047 words of at most 75 characters") {
  CHECK(encoded_header_text("Payment failed") == "Payment failed");
  CHECK(encoded_header_text("Zahlung überfällig") == "=?UTF-8?B?WmFobHVuZyDDvGJlcmbDpGxsaWc=?=");
  CHECK(encoded_header_text("=?UTF-8?B?not mine?=").find("=?UTF-8?B?PT9VV") == 0);
  std::string emoji;
  for (int i = 0; i < 40; ++i) emoji += "🔔";
  const std::string words = encoded_header_text(emoji);
  for (std::size_t at = 0; at != std::string::npos && at < words.size();) {
    const std::size_t end = std::min(words.find("\r\n ", at), words.size());
    CHECK(end - at <= 75);
    at = end == words.size() ? end : end + 3;
  }
  CHECK(words_decoded(words) == emoji);
}

TEST_CASE("header text: dates are RFC 5322") {
  CHECK(mail_date(*carillon::from_rfc3339("2026-09-01T10:00:00Z")) == "Tue, 01 Sep 2026 10:00:00 +0000");
  CHECK(mail_date(*carillon::from_rfc3339("2024-02-29T23:59:59.9Z")) == "Thu, 29 Feb 2024 23:59:59 +0000");
}

TEST_CASE("e-mail identity: mailboxes with and without a name") {
  CHECK(parse_mailbox("bell@example.com")->text() == "bell@example.com");
  const auto named = parse_mailbox("Carillon Bells <bell@example.com>");
  REQUIRE(named);
  CHECK(named->display_name == "Carillon Bells");
  CHECK(named->address == "bell@example.com");
  CHECK(named->domain() == "example.com");
  CHECK(parse_mailbox("\"Bells, Inc.\" <bell@example.com>")->text() == "\"Bells, Inc.\" <bell@example.com>");
  CHECK(parse_mailbox("Glocken GmbH Köln <bell@example.com>")->header_text().rfind("=?UTF-8?B?", 0) == 0);
  for (const char* bad : {"", "bell", "Bell <bell>", "a@example.com, b@example.com",
                          "Bell\r\nBcc: x <bell@example.com>", "bell@example.com>"}) {
    INFO(bad);
    CHECK_FALSE(parse_mailbox(bad));
  }
}

}  // namespace
