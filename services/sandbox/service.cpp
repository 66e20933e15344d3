#include "sandbox/service.hpp"

#include "sandbox/adapters/http_receipt_sender.hpp"
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/adapters/inbox_page.hpp"
#include "sandbox/adapters/listener.hpp"
#include "sandbox/adapters/otp_relay.hpp"
#include "sandbox/adapters/routes.hpp"
#include "sandbox/adapters/smtp_session.hpp"
#include "sandbox/adapters/stripe_routes.hpp"
#include "sandbox/app/receipts.hpp"
#include "sandbox/app/take_smtp_mail.hpp"
#include "security/digest.hpp"
#include "values/recipient.hpp"

namespace carillon::sandbox {
namespace {

std::string without_trailing_slash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

void read_postmark_auth(service::Settings& settings, SandboxSettings& out) {
  const std::string auth = settings.secret("CARILLON_SANDBOX_RECEIPTS_POSTMARK_AUTH",
                                           "user:password that the sandbox sends with Postmark's receipts");
  if (auth.empty()) return;
  const std::size_t colon = auth.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == auth.size() || has_control_characters(auth))
    return settings.error("CARILLON_SANDBOX_RECEIPTS_POSTMARK_AUTH must be user:password");
  out.postmark_receipts_user = auth.substr(0, colon);
  out.postmark_receipts_password = auth.substr(colon + 1);
}

}  // namespace

SandboxSettings SandboxSettings::read(service::Settings& settings) {
  constexpr std::int64_t messages_max = 10'000'000;
  SandboxSettings out;
  out.address = settings.text("CARILLON_SANDBOX_ADDRESS", "127.0.0.1", "Address that the sandbox listens on");
  out.http_port = static_cast<int>(settings.integer("CARILLON_SANDBOX_PORT", 8025, 0, 65'535,
                                                    "Port of the sandbox's APIs and inbox page; 0 = any free one"));
  out.smtp_port = static_cast<int>(settings.integer("CARILLON_SANDBOX_SMTP_PORT", 2525, 0, 65'535,
                                                    "Port of the sandbox's SMTP server; 0 = any free one"));
  out.inbox_messages_max = static_cast<std::size_t>(settings.integer(
      "CARILLON_SANDBOX_INBOX_MAX", 50'000, 1, messages_max, "Messages that the sandbox keeps; older ones leave"));
  out.public_url = without_trailing_slash(settings.url(
      "CARILLON_SANDBOX_PUBLIC_URL", "",
      "Where browsers reach the sandbox: its pages to pay at, and Stripe's portal, are linked to there; empty = under "
      "the host that the call for a link names"));
  out.receipts_url = without_trailing_slash(
      settings.url("CARILLON_SANDBOX_RECEIPTS_URL", "",
                   "Where the sandbox sends receipts for all it accepts: the base of /api/webhooks/...; empty = only "
                   "where an order says"));
  read_postmark_auth(settings, out);
  out.stripe_webhook_secret = settings.secret(
      "STRIPE_WEBHOOK_SECRET",
      "Signing secret of Stripe's webhook endpoint (whsec_...); two, separated by a comma, while it is rolled. Without "
      "it Stripe's events are answered 503");
  // While it is rolled Stripe signs with both; one is enough to be believed.
  out.stripe_webhook_secret.resize(std::min(out.stripe_webhook_secret.find(','), out.stripe_webhook_secret.size()));
  out.carillon_url = without_trailing_slash(settings.url(
      "CARILLON_URL", "",
      "Where the sandbox's page for one-time codes (/otp) calls Carillon; empty = that page can call nobody"));
  return out;
}

struct Sandbox::State {
  explicit State(const SandboxSettings& settings)
      : data{clock,
             {},
             Inbox(settings.inbox_messages_max, settings.calls_max),
             security::hex(security::random_bytes(8)),
             0,
             {},
             nullptr},
        page(settings.bootstrap_dir),
        keys(clock),
        sender(loop, keys, clock),
        receipts(data, sender, keys,
                 {settings.receipts_url, settings.postmark_receipts_user, settings.postmark_receipts_password}),
        otp_relay(loop, settings.carillon_url, settings.carillon_timeout),
        stripe_sender(loop, settings.receipts_url.empty() ? "" : settings.receipts_url + "/api/webhooks/stripe",
                      settings.stripe_webhook_secret, clock),
        stripe(clock, stripe_sender, data.id_prefix, settings.public_url),
        on_http(make_routes(data, page, otp_relay, stripe)),
        on_smtp{[this](SmtpMail&& mail) { return take_smtp_mail(data, std::move(mail)); }, {}},
        http(loop, {settings.address, settings.http_port},
             [this](Peer& peer) { return std::make_unique<HttpSession>(peer, on_http); }),
        smtp(loop, {settings.address, settings.smtp_port},
             [this](Peer& peer) { return std::make_unique<SmtpSession>(peer, on_smtp); }) {}
  ~State() { loop.stop(); }

  SystemClock clock;
  SandboxState data;
  InboxPage page;
  Loop loop;
  ReceiptKeys keys;
  HttpReceiptSender sender;
  Receipts receipts;
  OtpRelay otp_relay;
  StripeSender stripe_sender;
  StripeRoutes stripe;
  HttpHandler on_http;
  SmtpHandler on_smtp;
  Listener http, smtp;
};

Sandbox::Sandbox(const SandboxSettings& settings) : state_(new State(settings)) {}
Sandbox::~Sandbox() = default;
int Sandbox::port() const {
  return state_->http.port();
}
int Sandbox::smtp_port() const {
  return state_->smtp.port();
}
void Sandbox::stop() {
  state_->loop.stop();
}

}  // namespace carillon::sandbox
