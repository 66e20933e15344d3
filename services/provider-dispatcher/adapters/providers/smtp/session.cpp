#include "provider-dispatcher/adapters/providers/smtp/session.hpp"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "provider-dispatcher/adapters/providers/header_text.hpp"
#include "provider-dispatcher/adapters/providers/smtp/conversation_log.hpp"

namespace carillon::dispatcher::smtp {
namespace {

constexpr long connection_idle_seconds_max = 25;  // relays close idle connections after 30 s and more

// The last body part, read by libcurl in pieces; when its end has been read the mail is as good as handed over.
struct Body {
  std::string_view bytes;
  std::size_t at = 0;
  bool end_read = false;
};

std::size_t read_body(char* buffer, std::size_t size, std::size_t count, void* argument) {
  auto& body = *static_cast<Body*>(argument);
  const std::size_t length = std::min(size * count, body.bytes.size() - body.at);
  std::memcpy(buffer, body.bytes.data() + body.at, length);
  body.at += length;
  if (body.at == body.bytes.size()) body.end_read = true;
  return length;
}

int seek_body(void* argument, curl_off_t offset, int origin) {
  auto& body = *static_cast<Body*>(argument);
  if (origin != SEEK_SET || offset < 0 || static_cast<std::size_t>(offset) > body.bytes.size())
    return CURL_SEEKFUNC_CANTSEEK;
  body.at = static_cast<std::size_t>(offset);
  body.end_read = body.at == body.bytes.size();
  return CURL_SEEKFUNC_OK;
}

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

void check(CURLcode code) {
  if (code != CURLE_OK) throw std::runtime_error(std::string("libcurl refuses an option: ") + curl_easy_strerror(code));
}

// Owns a header list; libcurl copies each line.
class Lines {
 public:
  Lines() = default;
  ~Lines() { curl_slist_free_all(list_); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

void add_text_part(curl_mime* mime, const char* type, std::string_view text) {
  curl_mimepart* part = curl_mime_addpart(mime);
  check(curl_mime_data(part, text.data(), text.size()));
  check(curl_mime_type(part, type));
  check(curl_mime_encoder(part, "quoted-printable"));
}

void add_last_part(curl_mime* mime, const char* type, Body& body) {
  curl_mimepart* part = curl_mime_addpart(mime);
  check(curl_mime_data_cb(part, static_cast<curl_off_t>(body.bytes.size()), read_body, seek_body, nullptr, &body));
  check(curl_mime_type(part, type));
  check(curl_mime_encoder(part, "quoted-printable"));
}

constexpr const char* text_type = "text/plain; charset=utf-8";
constexpr const char* html_type = "text/html; charset=utf-8";

}  // namespace

std::string mail_id(const SmtpSettings& settings, const OutboundMessage& message) {
  return message.message_id + "." + std::to_string(message.attempt) + "@" + settings.from.domain();
}

struct Session::State {
  const SmtpSettings& settings;
  const CallLimits& limits;
  const std::atomic<bool>& stopping;
  CURL* curl = nullptr;
  ConversationLog log;

  void set_fixed_options();
  void add_headers(Lines& headers, const OutboundMessage& message, UtcTime now) const;
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
  if (settings.user.empty()) return;
  check(curl_easy_setopt(curl, CURLOPT_USERNAME, settings.user.c_str()));
  check(curl_easy_setopt(curl, CURLOPT_PASSWORD, settings.pass.c_str()));
}

void Session::State::add_headers(Lines& headers, const OutboundMessage& message, UtcTime now) const {
  headers.add("From: " + settings.from.header_text());
  headers.add("To: <" + message.recipient + ">");
  if (!settings.identity.reply_to.empty()) headers.add("Reply-To: " + settings.identity.reply_to.header_text());
  headers.add("Subject: " + encoded_header_text(message.subject));
  headers.add("Date: " + mail_date(now));
  headers.add("Message-ID: <" + mail_id(settings, message) + ">");
  headers.add("X-Carillon-Message-Id: " + single_line(message.message_id));
  headers.add("X-Carillon-Attempt: " + std::to_string(message.attempt));
  if (!message.template_key.empty()) headers.add("X-Carillon-Template: " + single_line(message.template_key));
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
  Lines recipients, headers;
  recipients.add("<" + message.recipient + ">");
  s.add_headers(headers, message, now);
  Body body{message.html.empty() ? std::string_view(message.text) : std::string_view(message.html), 0, false};
  body.end_read = body.bytes.empty();

  const std::unique_ptr<curl_mime, decltype(&curl_mime_free)> mixed(curl_mime_init(s.curl), curl_mime_free);
  if (message.html.empty() || message.text.empty()) {
    add_last_part(mixed.get(), message.html.empty() ? text_type : html_type, body);
  } else {
    curl_mime* alternative = curl_mime_init(s.curl);
    curl_mimepart* part = curl_mime_addpart(mixed.get());
    check(curl_mime_subparts(part, alternative));  // owns it from here
    check(curl_mime_type(part, "multipart/alternative"));
    add_text_part(alternative, text_type, message.text);
    add_last_part(alternative, html_type, body);
  }
  check(curl_easy_setopt(s.curl, CURLOPT_MAIL_RCPT, recipients.get()));
  check(curl_easy_setopt(s.curl, CURLOPT_HTTPHEADER, headers.get()));
  check(curl_easy_setopt(s.curl, CURLOPT_MIMEPOST, mixed.get()));

  s.log.conversation.fault = fault_of(curl_easy_perform(s.curl));
  // The handle keeps pointers to what ends with this function.
  curl_easy_setopt(s.curl, CURLOPT_MIMEPOST, nullptr);
  curl_easy_setopt(s.curl, CURLOPT_HTTPHEADER, nullptr);
  curl_easy_setopt(s.curl, CURLOPT_MAIL_RCPT, nullptr);

  s.log.conversation.all_handed_over = body.end_read;
  Outcome outcome = read_conversation(s.log.conversation);
  if (outcome.kind == OutcomeKind::ACCEPTED) outcome.provider_message_id = mail_id(s.settings, message);
  return outcome;
}

}  // namespace carillon::dispatcher::smtp
