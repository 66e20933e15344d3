#include <catch2/catch.hpp>

#include <random>

#include "http/url.hpp"
#include "provider-dispatcher/adapters/providers/attachments.hpp"
#include "values/recipient.hpp"

namespace {

using namespace carillon::dispatcher;

TEST_CASE("attachments: usual file names stay as they are") {
  for (const char* name :
       {"report.pdf", "Größe & Preis – März.csv", "報告書.pdf", "a.tar.gz", "it's (1) = 5%; x,y.txt"}) {
    CHECK(safe_file_name(name) == name);
  }
}

TEST_CASE("attachments: what is not safe in a file name is taken out") {
  CHECK(safe_file_name("a\r\nBcc: x\r\nb.pdf") == "a  Bcc: x  b.pdf");
  CHECK(safe_file_name(std::string("a\0b\x7f"
                                   "c.pdf",
                                   9)) == "a b c.pdf");
  CHECK(safe_file_name("../../etc/passwd") == "_.._etc_passwd");
  CHECK(safe_file_name("C:\\Users\\ann\\x.pdf") == "C:_Users_ann_x.pdf");
  CHECK(safe_file_name("say \"hi\".pdf") == "say 'hi'.pdf");
  CHECK(safe_file_name("invoice\xE2\x80\xAE"
                       "fdp.exe") == "invoice fdp.exe");
  CHECK(safe_file_name("x\xE2\x81\xA6y\xE2\x80\x8Fz") == "x y z");
  CHECK(safe_file_name("latin-\xE4.pdf") == "latin-_.pdf");
  for (const char* empty : {"", ".", "..", " . ", "\r\n"}) CHECK(safe_file_name(empty) == "attachment");
}

TEST_CASE("attachments: a long file name is cut between characters and keeps its extension") {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "ü";
  const std::string cut = safe_file_name(name + ".pdf");
  CHECK(cut.size() <= file_name_bytes_max);
  CHECK(cut.size() >= file_name_bytes_max - 3);
  CHECK(cut.ends_with("ü.pdf"));
  CHECK(carillon::is_valid_utf8(cut));
  CHECK(safe_file_name(name).size() == file_name_bytes_max);
  CHECK(safe_file_name("a." + std::string(300, 'b')).size() == file_name_bytes_max);
}

TEST_CASE("attachments: whatever bytes a name is of, it comes out bounded, in UTF-8 and without what is not safe") {
  std::mt19937 random(20260901);  // NOLINT: the same names in every run
  constexpr std::string_view pieces[] = {"/", "\\",           ".",    " ",    "\"", "\r\n", "ü",
                                         "🔔", "\xE2\x80\xAE", "\xC3", "\x7F", "a",  "b.pdf"};
  for (int i = 0; i < 2'000; ++i) {
    std::string name;
    for (std::size_t length = random() % 120; length > 0; --length) name += pieces[random() % std::size(pieces)];
    const std::string safe = safe_file_name(name);
    REQUIRE_FALSE(safe.empty());
    REQUIRE(safe.size() <= file_name_bytes_max);
    REQUIRE(carillon::is_valid_utf8(safe));
    REQUIRE_FALSE(carillon::has_control_characters(safe));
    REQUIRE(safe.find_first_of("/\\\"") == std::string::npos);
    REQUIRE(std::string_view(" .").find(safe.front()) == std::string_view::npos);
    REQUIRE(std::string_view(" .").find(safe.back()) == std::string_view::npos);
    REQUIRE(safe_file_name(safe) == safe);
  }
}

TEST_CASE("attachments: content types are types or octets") {
  for (const char* type : {"application/pdf", "text/csv; charset=utf-8", "image/svg+xml",
                           "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}) {
    CHECK(safe_content_type(type) == type);
  }
  for (const char* type : {"", "pdf", "/pdf", "text/", "text/plain\r\nX-Evil: 1", "text/plain; x=\"\r\n\"", "a b/c",
                           "text/ä", "a/b/c", "multipart/mixed; boundary=x", "Message/RFC822"}) {
    INFO(type);
    CHECK(safe_content_type(type) == "application/octet-stream");
  }
  CHECK(safe_content_type("a/" + std::string(300, 'b')) == "application/octet-stream");
}

TEST_CASE("attachments: a disposition quotes a plain name and encodes any other in lines of at most 78 characters") {
  CHECK(attachment_disposition("report.pdf") == "Content-Disposition: attachment;\r\n filename=\"report.pdf\"");
  CHECK(attachment_disposition("Größe.pdf") ==
        "Content-Disposition: attachment;\r\n filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf");
  std::string name;
  for (int i = 0; i < 49; ++i) name += "🔔";
  name += ".pdf";
  const std::string header = attachment_disposition(name) + "\r\n";
  std::string joined;
  for (std::size_t at = header.find("\r\n") + 2; at < header.size();) {
    const std::size_t end = header.find("\r\n", at);
    std::string line = header.substr(at, end - at);
    CHECK(line.size() <= 78);
    if (line.ends_with(";")) line.pop_back();
    const std::size_t equals = line.find('=');
    CHECK(line.substr(0, equals).find(" filename*") == 0);
    joined += line.substr(equals + 1);
    at = end + 2;
  }
  REQUIRE(joined.starts_with("UTF-8''"));
  CHECK(carillon::http::percent_decoded(joined.substr(7)) == name);
}

TEST_CASE("attachments: one without content has no bytes") {
  CHECK(bytes_of({"a", "b", nullptr}).empty());
  CHECK(bytes_of({"a", "b", std::make_shared<std::string>("xyz")}) == "xyz");
}

}  // namespace
