#include "sandbox/app/take_smtp_mail.hpp"

#include <cstdlib>

#include "sandbox/app/settle_call.hpp"
#include "sandbox/core/mime.hpp"

namespace carillon::sandbox {
namespace {

class SmtpDialect final : public Dialect {
 public:
  std::string id_of(const std::string& digits) const override { return digits.substr(16); }
  std::string accepted(const std::string& id) const override { return "250 2.0.0 ok: queued as " + id + "\r\n"; }
  std::string refused(const Order& order) const override {
    const int code = reply_code(order);
    const std::string enhanced = order.error_code.empty() ? std::to_string(code / 100) + ".0.0" : order.error_code;
    std::string text = order.body.empty() ? "the sandbox was told to refuse this" : order.body;
    for (char& c : text) {
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    return std::to_string(code) + " " + enhanced + " " + text + "\r\n";
  }
  std::string garbage() const override { return "this is not a reply\r\n"; }

 private:
  // An order for all providers speaks HTTP: its 503 must not become SMTP's final "bad sequence of commands".
  static int reply_code(const Order& order) {
    if (order.status < 400) return 451;
    if (order.provider != "*") return order.status;
    if (order.status == 401 || order.status == 403) return 535;
    return order.status >= 500 || order.status == 429 ? 451 : 550;
  }
};

}  // namespace

Answer take_smtp_mail(SandboxState& state, SmtpMail&& mail) {
  // Only the headers are looked at now; the rest when somebody opens the mail.
  const std::size_t head_end = mail.data.find("\r\n\r\n");
  const ParsedMail head = parse_mail(std::string_view(mail.data).substr(0, head_end));
  const std::string message_id(head.header("X-Carillon-Message-Id")), attempt(head.header("X-Carillon-Attempt"));
  std::string envelope = mail.from, recipients;
  for (const std::string& to : mail.to) {
    envelope += "\n" + to;
    recipients += (recipients.empty() ? "" : ",") + to;
  }
  ProviderCall call{ProviderName::SMTP,   recipients,          message_id, std::atoi(attempt.c_str()),
                    std::move(mail.data), std::move(envelope), {}};
  return settle_call(state, std::move(call), SmtpDialect());
}

}  // namespace carillon::sandbox
