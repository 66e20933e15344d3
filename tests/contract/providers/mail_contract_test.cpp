// What every provider of e-mail promises beside the contract of all: attachments and RFC 8058's headers.
#include <catch2/catch.hpp>

#include "contract/providers/any_bench.hpp"

namespace {

using namespace carillon::dispatcher;
using namespace carillon::testing;

Attachment file(std::string name, std::string type, std::string content) {
  return {std::move(name), std::move(type), std::make_shared<std::string>(std::move(content))};
}

std::string every_byte(std::size_t count) {
  std::string out(count, '\0');
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<char>(i * 7 + i / 256);
  return out;
}

TEST_CASE("mail contract: attachments arrive byte for byte, under their names and types, beside the text") {
  const MadeBench made = any_mail_bench();
  INFO(made.name);
  const auto bench = made.make();
  const auto provider = bench->provider();
  OutboundMessage message = message_to(bench->recipient());
  message.html = "<p>Grüße</p>";
  std::string long_name(150, 'x');
  long_name += "ä.txt";
  message.attachments = {file("report.pdf", "application/pdf", every_byte(100'000)),
                         file("Übersicht März 2026 – Größe & Preis.csv", "text/csv", "a;b\r\n.\r\n1;2\r\n"),
                         file(long_name, "text/plain", "x")};
  CHECK(sent(*provider, message).kind == OutcomeKind::ACCEPTED);
  const std::vector<Attachment> arrived = bench->last_attachments();
  REQUIRE(arrived.size() == 3);
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    CHECK(arrived[i].file_name == message.attachments[i].file_name);
    CHECK(arrived[i].content_type == message.attachments[i].content_type);
    CHECK((*arrived[i].content == *message.attachments[i].content));
  }
  CHECK(bench->last_text() == message.text);
}

TEST_CASE("mail contract: without attachments there are none") {
  const MadeBench made = any_mail_bench();
  INFO(made.name);
  const auto bench = made.make();
  CHECK(sent(*bench).kind == OutcomeKind::ACCEPTED);
  CHECK(bench->last_attachments().empty());
  CHECK(bench->last_request().find("ttachment") == std::string::npos);
}

TEST_CASE("mail contract: a file name can't begin a header, leave a folder or turn its extension around") {
  const MadeBench made = any_mail_bench();
  INFO(made.name);
  const auto bench = made.make();
  const auto provider = bench->provider();
  OutboundMessage message = message_to(bench->recipient());
  message.attachments = {file("a\r\nBcc: eve@example.com\r\n\r\nb.pdf", "text/plain\r\nX-Evil: 1", "1"),
                         file("../../etc/pass\"wd; filename=\"x.exe", "no type", "2"),
                         file("invoice\xE2\x80\xAE"
                              "fdp.exe",
                              "", "3"),
                         file("", "text/plain", "4")};
  CHECK(sent(*provider, message).kind == OutcomeKind::ACCEPTED);
  const std::vector<Attachment> arrived = bench->last_attachments();
  REQUIRE(arrived.size() == 4);
  CHECK(arrived[0].file_name == "a  Bcc: eve@example.com    b.pdf");
  CHECK(arrived[0].content_type == "application/octet-stream");
  CHECK(arrived[1].file_name == "_.._etc_pass'wd; filename='x.exe");
  CHECK(arrived[1].content_type == "application/octet-stream");
  CHECK(arrived[2].file_name == "invoice fdp.exe");
  CHECK(arrived[3].file_name == "attachment");
  CHECK(bench->last_request().find("\nBcc:") == std::string::npos);
  CHECK(bench->last_request().find("\nX-Evil:") == std::string::npos);
}

TEST_CASE("mail contract: an unsubscribe URL comes with both headers of RFC 8058, none comes with neither") {
  const MadeBench made = any_mail_bench();
  INFO(made.name);
  const auto bench = made.make();
  const auto provider = bench->provider();
  OutboundMessage message = message_to(bench->recipient());
  CHECK(sent(*provider, message).kind == OutcomeKind::ACCEPTED);
  CHECK(bench->last_request().find("List-Unsubscribe") == std::string::npos);
  message.unsubscribe_url = "https://carillon.example/u/abc?t=1%2B2\r\nBcc: <eve@example.com>";
  CHECK(sent(*provider, message).kind == OutcomeKind::ACCEPTED);
  CHECK(bench->last_mail_header("List-Unsubscribe") ==
        "<https://carillon.example/u/abc?t=1%2B2%0D%0ABcc:%20%3Ceve@example.com%3E>");
  CHECK(bench->last_mail_header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click");
}

}  // namespace
