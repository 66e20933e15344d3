// SMTP (RFC 5321) on one connection, without sockets: EHLO, HELO, AUTH PLAIN and LOGIN (any password is right), MAIL,
// RCPT, DATA, RSET, NOOP, VRFY, QUIT; pipelining, size limit, no TLS.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/adapters/answer.hpp"
#include "sandbox/adapters/listener.hpp"

namespace carillon::sandbox {

struct SmtpMail {
  std::string from;
  std::vector<std::string> to;
  std::string data;  // dots unstuffed, lines end in CRLF
};

enum class SmtpStage { GREETING, HELLO, AUTH, MAIL, RCPT, DATA };

struct SmtpLimits {
  std::size_t line_bytes_max = 2'048;
  std::size_t mail_bytes_max = 10 * 1024 * 1024;
  std::size_t recipients_max = 100;
};

struct SmtpHandler {
  // The answer to a whole mail; bytes hold the reply line with CRLF.
  std::function<Answer(SmtpMail&&)> on_mail;
  // Instead of the usual reply to a command, where it gives one. May be empty.
  std::function<std::optional<Answer>(SmtpStage, std::string_view line)> on_command;
};

class SmtpSession final : public Protocol {
 public:
  // `handler` must outlive the session.
  SmtpSession(Peer& peer, const SmtpHandler& handler, SmtpLimits limits = {});
  void opened() override;
  void received(std::string_view bytes) override;

 private:
  enum class Reading { COMMAND, AUTH_PLAIN, AUTH_LOGIN_USER, AUTH_LOGIN_PASSWORD, DATA };
  void serve();
  bool serve_line();
  bool serve_data();
  void command(std::string_view line);
  void mail(std::string_view line);
  void rcpt(std::string_view line);
  void auth(std::string_view line);
  void data(std::string_view line);
  void reply(SmtpStage stage, std::string_view line, std::string_view usual);
  void act(Answer answer);
  void perform(const Answer& answer);

  Peer& peer_;
  const SmtpHandler& handler_;
  const SmtpLimits limits_;
  Reading reading_ = Reading::COMMAND;
  std::string input_;
  std::size_t searched_ = 0;  // of input_, while DATA is read
  bool greeted_ = false, has_sender_ = false, busy_ = false, ended_ = false;
  bool refused_ = false;  // the handler's reply took the place of the usual one
  SmtpMail mail_;
};

}  // namespace carillon::sandbox
