#include <catch2/catch.hpp>

#include "sandbox/core/mime.hpp"

namespace {

using namespace carillon::sandbox;

TEST_CASE("mime: multipart/alternative with quoted-printable and base64 inside multipart/mixed") {
  const ParsedMail mail = parse_mail(
      "Subject: =?UTF-8?B?R3LDvA==?=\r\n =?utf-8?q?=C3=9Fe_x?=\r\nContent-Type: multipart/mixed; boundary=\"out "
      "er\"\r\n\r\npreamble\r\n"
      "--out er\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n"
      "--in\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
      "quoted-printable\r\n\r\nH=C3=B6=\r\nren\r\n"
      "--in\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+\r\nPC9iPg==\r\n--in--\r\n--out "
      "er--\r\n");
  CHECK(mail.header("subject") == "Grüße x");
  CHECK(mail.text == "Hören");
  CHECK(mail.html == "<b></b>");
}

TEST_CASE("mime: a plain mail, with bare line feeds too") {
  CHECK(parse_mail("Subject: a\n\nbody\n").text == "body\n");
  CHECK(parse_mail("A: 1\r\n folded\r\n\r\nx").header("a") == "1 folded");
}

TEST_CASE("mime: broken input is shown as far as it goes") {
  CHECK(parse_mail("").text.empty());
  CHECK(parse_mail("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x").text.empty());
  CHECK(parse_mail("Content-Type: multipart/mixed\r\n\r\n--\r\n\r\nx").html.empty());
  CHECK(decoded_quoted_printable("a=ZZ=4") == "a=ZZ=4");
  CHECK(decoded_words("=?UTF-8?B?") == "=?UTF-8?B?");
  std::string nested;
  for (int i = 10; i < 60; ++i)
    nested +=
        "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" + std::to_string(i) + "\r\n";
  CHECK(parse_mail(nested + "\r\ndeep").text.empty());
}

}  // namespace
