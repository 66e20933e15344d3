// What only e-mail over SMTP has: the mail itself.
#include <catch2/catch.hpp>

#include <future>

#include "contract/providers/provider_bench.hpp"
#include "sandbox/core/mime.hpp"

namespace {

using namespace carillon::dispatcher;
using namespace carillon::testing;

carillon::sandbox::ParsedMail delivered(OutboundMessage message, Outcome& outcome) {
  const auto bench = smtp_bench();
  const auto provider = bench->provider();
  message.message_id = "01890a5d-ac96-774b-bcce-b302099a8057";
  message.attempt = 2;
  message.recipient = bench->recipient();
  std::promise<Outcome> promise;
  provider->send(message, *carillon::from_rfc3339("2026-09-01T10:00:00Z"),
                 [&](Outcome done) { promise.set_value(std::move(done)); });
  outcome = promise.get_future().get();
  return carillon::sandbox::parse_mail(bench->last_request());
}

TEST_CASE("smtp mail: text and HTML travel as multipart/alternative, with every header") {
  OutboundMessage message;
  message.subject = "Zahlungserinnerung für den Zeitraum vom ersten Oktober bis zum einunddreißigsten Dezember";
  message.text = "Text mit ä und einer sehr langen Zeile " + std::string(2'000, 'x') + "\r\n";
  message.html = "<p>HTML mit ä = 5 %</p>";
  message.template_key = "PAYMENT_FAILED";
  Outcome outcome;
  const auto mail = delivered(message, outcome);
  CHECK(outcome.kind == OutcomeKind::ACCEPTED);
  CHECK(outcome.provider_message_id == "01890a5d-ac96-774b-bcce-b302099a8057.2@example.com");
  CHECK(mail.header("Message-ID") == "<01890a5d-ac96-774b-bcce-b302099a8057.2@example.com>");
  CHECK(mail.header("X-Carillon-Message-Id") == "01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(mail.header("X-Carillon-Attempt") == "2");
  CHECK(mail.header("Date") == "Tue, 01 Sep 2026 10:00:00 +0000");
  CHECK(mail.header("From") == "Glöckchen <bell@example.com>");
  CHECK(mail.header("To") == "<ann.recipient@example.com>");
  CHECK(mail.header("Reply-To") == "help@example.com");
  CHECK(mail.header("MIME-Version") == "1.0");
  CHECK(mail.header("Subject") == message.subject);
  CHECK(mail.text == message.text);
  CHECK(mail.html == message.html);
}

TEST_CASE("smtp mail: text alone and HTML alone") {
  Outcome outcome;
  OutboundMessage text;
  text.text = "only text";
  CHECK(delivered(text, outcome).text == "only text");
  CHECK(outcome.kind == OutcomeKind::ACCEPTED);
  OutboundMessage html;
  html.html = "<p>only HTML</p>";
  CHECK(delivered(html, outcome).html == "<p>only HTML</p>");
  CHECK(outcome.kind == OutcomeKind::ACCEPTED);
}

}  // namespace
