#include <mutex>

#include "contract/providers/mail_attachments.hpp"
#include "contract/providers/provider_bench.hpp"
#include "provider-dispatcher/adapters/providers/smtp/client.hpp"
#include "sandbox/adapters/smtp_session.hpp"
#include "sandbox/core/mime.hpp"

namespace carillon::testing {
namespace {

using namespace dispatcher;
using sandbox::Action;
using sandbox::SmtpStage;

struct SmtpRow {
  ErrorRow row;
  std::optional<SmtpStage> stage;  // nullopt: the reply to the whole mail
  std::string reply;
};

const std::vector<SmtpRow>& rows() {
  constexpr auto transient = OutcomeKind::TRANSIENT;
  constexpr auto account = OutcomeKind::ACCOUNT;
  constexpr auto rejected = OutcomeKind::REJECTED;
  // Greeting and AUTH come first: a connection that later rows leave open passes neither again.
  static const std::vector<SmtpRow> all{
      {{"421 at once", transient, Reason::PROVIDER_ERROR, "421"}, SmtpStage::GREETING, "421 4.3.2 closing\r\n"},
      {{"535 to AUTH", account, Reason::AUTHENTICATION, "535"}, SmtpStage::AUTH, "535 5.7.8 wrong\r\n"},
      {{"451 to MAIL", transient, Reason::PROVIDER_ERROR, "451"}, SmtpStage::MAIL, "451 4.3.0 later\r\n"},
      {{"450 to RCPT", transient, Reason::PROVIDER_ERROR, "450"}, SmtpStage::RCPT, "450 4.2.1 busy\r\n"},
      {{"452 to DATA", transient, Reason::PROVIDER_ERROR, "452"}, SmtpStage::DATA, "452 4.3.1 full\r\n"},
      {{"451 to the mail", transient, Reason::PROVIDER_ERROR, "451"}, std::nullopt, "451 4.7.0 greylisted\r\n"},
      {{"530 to MAIL", account, Reason::AUTHENTICATION, "530"}, SmtpStage::MAIL, "530 5.7.0 log in\r\n"},
      {{"553 to MAIL", rejected, Reason::SENDER_REJECTED, "553"}, SmtpStage::MAIL, "553 5.1.8 who\r\n"},
      {{"550 to RCPT", rejected, Reason::RECIPIENT_REJECTED, "550"}, SmtpStage::RCPT, "550 5.1.1 no such user\r\n"},
      {{"554 to DATA", rejected, Reason::CONTENT_REJECTED, "554"}, SmtpStage::DATA, "554 5.5.1 no\r\n"},
      {{"552 to the mail", rejected, Reason::CONTENT_REJECTED, "552"}, std::nullopt, "552 5.3.4 too big\r\n"},
  };
  return all;
}

class SmtpBench final : public ProviderBench {
 public:
  SmtpBench() { accept(); }
  ~SmtpBench() override { loop_.stop(); }

  std::unique_ptr<Provider> provider() override {
    SmtpSettings settings;
    settings.host = "127.0.0.1";
    settings.port = tls_port_ != 0 ? tls_port_ : listener_ ? listener_->port() : port_;
    settings.user = "relay-user";
    settings.pass = secret();
    settings.identity.sender = {"Glöckchen", "bell@example.com"};
    settings.identity.reply_to = {"", "help@example.com"};
    settings.from = settings.identity.sender;
    settings.tls = tls_port_ != 0 ? SmtpTls::IMPLICIT : SmtpTls::NONE;
    settings.concurrency = 2;
    return std::make_unique<SmtpClient>(settings, clock_, test_limits);
  }
  std::string recipient() const override { return "ann.recipient@example.com"; }
  std::string secret() const override { return "s3cret-token-4711"; }

  void accept() override { after_mail({Action::SEND, "250 2.0.0 ok: queued as 4711\r\n", {}, {}}); }
  void refuse(std::size_t row) override {
    const SmtpRow& one = rows()[row];
    const std::lock_guard lock(mutex_);
    (one.stage ? at_stage_ : mail_answer_) = {Action::SEND, one.reply, {}, {}};
    stage_ = one.stage;
  }
  void say_nothing_from_the_start() override {
    const std::lock_guard lock(mutex_);
    at_stage_ = {Action::HANG, {}, {}, {}};
    stage_ = SmtpStage::GREETING;
  }
  void say_nothing_after_reading() override { after_mail({Action::HANG, {}, {}, {}}); }
  void reset_after_reading() override { after_mail({Action::RESET, {}, {}, {}}); }
  void close_after_reading() override { after_mail({Action::CLOSE, {}, {}, {}}); }
  void answer_garbage() override { after_mail({Action::SEND_AND_CLOSE, "this is no reply\r\n", {}, {}}); }
  void answer_in_part_then_reset() override { after_mail({Action::SEND_AND_RESET, "250-2.0.0 ok", {}, {}}); }
  void answer_slowly(std::chrono::milliseconds delay) override { after_mail({Action::SEND, "250 ok\r\n", delay, {}}); }
  void answer_hugely() override {
    std::string reply;
    for (int i = 0; i < 20'000; ++i) reply += "250-and so on and so on and so on and so on and so on\r\n";
    after_mail({Action::SEND_AND_CLOSE, reply, {}, {}});
  }
  void refuse_repeating_everything() override {
    const std::lock_guard lock(mutex_);
    at_stage_ = {Action::SEND, "550 5.1.1 <" + recipient() + "> " + secret() + " unknown\r\n", {}, {}};
    stage_ = SmtpStage::RCPT;
  }
  void speak_tls_at(int port) override { tls_port_ = port; }
  void stop_listening() override {
    port_ = listener_->port();
    listener_.reset();
    loop_.run_and_wait([] {});
  }

  std::vector<ErrorRow> error_rows() const override {
    std::vector<ErrorRow> out;
    for (const SmtpRow& row : rows()) out.push_back(row.row);
    return out;
  }
  int calls() override {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::string last_request() override {
    const std::lock_guard lock(mutex_);
    return last_.data;
  }
  std::string last_subject() override { return std::string(sandbox::parse_mail(last_request()).header("Subject")); }
  std::string last_text() override { return sandbox::parse_mail(last_request()).text; }
  std::vector<Attachment> last_attachments() override { return attachments_of_mail(last_request()); }
  std::string last_mail_header(std::string_view name) override {
    return std::string(sandbox::parse_mail(last_request()).header(name));
  }

 private:
  void after_mail(sandbox::Answer answer) {
    const std::lock_guard lock(mutex_);
    mail_answer_ = std::move(answer);
    stage_.reset();
  }

  SystemClock clock_;
  std::mutex mutex_;
  std::optional<SmtpStage> stage_;
  sandbox::Answer at_stage_, mail_answer_;
  sandbox::SmtpMail last_;
  int calls_ = 0, port_ = 0, tls_port_ = 0;

  sandbox::SmtpHandler handler_{[this](sandbox::SmtpMail&& mail) {
                                  const std::lock_guard lock(mutex_);
                                  ++calls_;
                                  last_ = std::move(mail);
                                  return mail_answer_;
                                },
                                [this](SmtpStage stage, std::string_view) -> std::optional<sandbox::Answer> {
                                  const std::lock_guard lock(mutex_);
                                  if (stage_ != stage) return std::nullopt;
                                  return at_stage_;
                                }};
  sandbox::Loop loop_;
  std::unique_ptr<sandbox::Listener> listener_{std::make_unique<sandbox::Listener>(
      loop_, sandbox::ListenerSettings{},
      [this](sandbox::Peer& peer) { return std::make_unique<sandbox::SmtpSession>(peer, handler_); })};
};

}  // namespace

std::unique_ptr<ProviderBench> smtp_bench() {
  return std::make_unique<SmtpBench>();
}

}  // namespace carillon::testing
