#include "contract/providers/any_bench.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <stdexcept>

namespace carillon::testing {
namespace {

using namespace dispatcher;

constexpr MadeBench mail_benches[] = {
    {"postmark", postmark_bench},
    {"ses", ses_bench},
    {"sendgrid", sendgrid_bench},
    {"smtp", smtp_bench},
};

constexpr MadeBench other_benches[] = {
    {"sns", sns_bench},
    {"twilio", twilio_bench},
    {"console", console_bench},
    {"slack", slack_bench},
};

}  // namespace

MadeBench any_bench() {
  const auto i = GENERATE(range(std::size_t{0}, std::size(mail_benches) + std::size(other_benches)));
  return i < std::size(mail_benches) ? mail_benches[i] : other_benches[i - std::size(mail_benches)];
}

MadeBench any_mail_bench() {
  return mail_benches[GENERATE(range(std::size_t{0}, std::size(mail_benches)))];
}

UtcTime contract_now() {
  return *from_rfc3339("2026-09-01T10:00:00Z");
}

OutboundMessage message_to(const std::string& recipient) {
  OutboundMessage message;
  message.message_id = "01890a5d-ac96-774b-bcce-b302099a8057";
  message.attempt = 2;
  message.recipient = recipient;
  message.subject = "Ihre Rechnung für März 🔔";
  message.text = "Grüße, 5 % & mehr\r\n.\r\n..ende مرحبا\r\n";
  message.template_key = "PAYMENT_FAILED";
  return message;
}

Outcome sent(Provider& provider, const OutboundMessage& message) {
  auto promise = std::make_shared<std::promise<Outcome>>();
  auto answer = promise->get_future();
  provider.send(message, contract_now(), [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
  if (answer.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error("the provider never called back");
  return answer.get();
}

Outcome sent(ProviderBench& bench) {
  const auto provider = bench.provider();
  return sent(*provider, message_to(bench.recipient()));
}

}  // namespace carillon::testing
