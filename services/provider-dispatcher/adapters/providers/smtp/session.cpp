#include "provider-dispatcher/adapters/providers/smtp/session.hpp"

#include <curl/curl.h>
#include <sys/socket.h>

#include "provider-dispatcher/adapters/providers/smtp/conversation_log.hpp"
#include "provider-dispatcher/adapters/providers/smtp/mail.hpp"

namespace carillon::dispatcher::smtp {
namespace {

constexpr long connection_idle_seconds_max = 25;  // relays close idle connections after 30 s and more

int follow(CURL*, curl_infotype type, char* data, std::size_t size, void* argument) {
  auto& log = *static_cast<ConversationLog*>(argument);
  if (type == CURLINFO_HEADER_OUT) log.sent({data, size});
  if (type == CURLINFO_HEADER_IN) log.received({data, size});
  return 0;
}

int broken_off(void* argument, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(argument)->load() ? 1 : 0;
}

Fault fault_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return Fault::NONE;
    case CURLE_OPERATION_TIMEDOUT:
      return Fault::TIMEOUT;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Fault::CONNECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
      return Fault::TLS;
    case CURLE_WEIRD_SERVER_REPLY:
      return Fault::BAD_REPLY;
    default:
      return Fault::LOST;
  }
}

}  // namespace

struct Session::State {
  const SmtpSettings& settings;
  const CallLimits& limits;
  const std::atomic<bool>& stopping;
  CURL* curl = nullptr;
  ConversationLog log;

  void set_fixed_options();
};

void Session::State::set_fixed_options() {
  const std::string scheme = settings.tls == SmtpTls::IMPLICIT ? "smtps://" : "smtp://";
  check(curl_easy_setopt(curl, CURLOPT_URL, (scheme + settings.host + ":" + std::to_string(settings.port)).c_str()));
  check(curl_easy_setopt(curl, CURLOPT_USE_SSL,
                         static_cast<long>(settings.tls == SmtpTls::NONE ? CURLUSESSL_NONE : CURLUSESSL_ALL)));
  check(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L));
  check(curl_easy_setopt(curl, CURLOPT_PROXY, ""));
  check(curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_timeout.count())));
  check(curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.timeout.count())));
  check(curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, connection_idle_seconds_max));
  check(curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L));
  check(curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, broken_off));
  check(curl_easy_setopt(curl, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stopping)));
  check(curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L));
  check(curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, follow));
  check(curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &log));
  check(curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + settings.from.address + ">").c_str()));
  if (!settings.ca_file.empty()) check(curl_easy_setopt(curl, CURLOPT_CAINFO, settings.ca_file.c_str()));
  if (settings.user.empty()) return;
  check(curl_easy_setopt(curl, CURLOPT_USERNAME, settings.user.c_str()));
  check(curl_easy_setopt(curl, CURLOPT_PASSWORD, settings.pass.c_str()));
}

Session::Session(const SmtpSettings& settings, const CallLimits& limits, const std::atomic<bool>& stopping)
    : state_(new State{settings, limits, stopping, nullptr, {}}) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  check(initialised);
  state_->curl = curl_easy_init();
  if (state_->curl == nullptr) throw std::bad_alloc();
  state_->set_fixed_options();
}

// libcurl says QUIT when it ends a connection and waits up to two minutes for the answer; a relay that hangs would hold
// up our stop as long. Closed for both directions, there is nothing to wait for.
Session::~Session() {
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(state_->curl, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK && socket != CURL_SOCKET_BAD)
    ::shutdown(socket, SHUT_RDWR);
  curl_easy_cleanup(state_->curl);
}

Outcome Session::deliver(const OutboundMessage& message, UtcTime now) {
  State& s = *state_;
  s.log.begin();
  Lines recipients;
  recipients.add("<" + message.recipient + ">");
  const Lines headers = mail_headers(s.settings, message, now);
  const MailBody body(s.curl, message);
  check(curl_easy_setopt(s.curl, CURLOPT_MAIL_RCPT, recipients.get()));
  check(curl_easy_setopt(s.curl, CURLOPT_HTTPHEADER, headers.get()));
  check(curl_easy_setopt(s.curl, CURLOPT_MIMEPOST, body.get()));

  s.log.conversation.fault = fault_of(curl_easy_perform(s.curl));
  // The handle keeps pointers to what ends with this function.
  curl_easy_setopt(s.curl, CURLOPT_MIMEPOST, nullptr);
  curl_easy_setopt(s.curl, CURLOPT_HTTPHEADER, nullptr);
  curl_easy_setopt(s.curl, CURLOPT_MAIL_RCPT, nullptr);

  s.log.conversation.all_handed_over = body.all_read();
  Outcome outcome = read_conversation(s.log.conversation);
  if (outcome.kind == OutcomeKind::ACCEPTED) outcome.provider_message_id = mail_id(s.settings, message);
  return outcome;
}

}  // namespace carillon::dispatcher::smtp
