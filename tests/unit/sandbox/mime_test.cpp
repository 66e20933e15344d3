#include <catch2/catch.hpp>

#include "sandbox/core/mime.hpp"
#include "sandbox/core/mime_parameter.hpp"

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

TEST_CASE("mime: files are told from the text, also text files and files without a disposition") {
  const std::string mail =
      "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nthe text\r\n--b\r\n"
      "Content-Type: text/plain; charset=utf-8; name=\"notes; 1.txt\"\r\nContent-Disposition: attachment; "
      "filename=\"notes; 1.txt\"\r\n\r\nthe file\r\n--b\r\n"
      "Content-Type: IMAGE/png\r\nContent-Transfer-Encoding: BASE64\r\n\r\niVBORw0K\r\nGgo=\r\n--b--\r\n";
  const ParsedMail parsed = parse_mail(mail);
  CHECK(parsed.text == "the text");
  REQUIRE(parsed.files.size() == 2);
  CHECK(parsed.files[0].file_name == "notes; 1.txt");
  CHECK(parsed.files[0].content_type == "text/plain");
  CHECK(decoded(parsed.files[0]) == "the file");
  CHECK(parsed.files[1].file_name.empty());
  CHECK(parsed.files[1].content_type == "image/png");
  CHECK(decoded(parsed.files[1]) == "\x89PNG\r\n\x1a\n");
}

TEST_CASE("mime parameters: quoted, extended, in parts, in words, and absent") {
  const auto name = [](std::string_view header) { return mime_parameter(header, "filename"); };
  CHECK(name("attachment; filename=a.pdf; size=3") == "a.pdf");
  CHECK(name("attachment; FILENAME = \"a \\\"b\\\" ; c.pdf\"; x=y") == "a \"b\" ; c.pdf");
  CHECK(name("attachment; filename=\"x\"; filename*=utf-8'en'%E2%82%AC%20rates") == "€ rates");
  CHECK(name("attachment; filename*0*=UTF-8''%C3%BCb; filename*1=\"er \"; filename*2*=%C3%A4") == "über ä");
  CHECK(name("attachment; filename*=ISO-8859-1''%FC") == "\xEF\xBF\xBD");
  CHECK(name("attachment; filename*=UTF-8''100%") == "100%");
  for (const char* none : {"", ";", "attachment", "attachment; filename", "attachment; name=x", "attachment; =x;;"}) {
    INFO(none);
    CHECK(name(none).empty());
  }
  CHECK(name("attachment; filename=\"open") == "open");
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
