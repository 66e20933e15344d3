#include "sandbox/adapters/smtp_session.hpp"

#include <algorithm>
#include <cctype>

namespace carillon::sandbox {
namespace {

constexpr std::string_view end_of_data = "\r\n.\r\n";

bool starts_with_word(std::string_view line, std::string_view word) {
  return line.size() >= word.size() && std::equal(word.begin(), word.end(), line.begin(), [](char a, char b) {
           return a == static_cast<char>(std::toupper(static_cast<unsigned char>(b)));
         });
}

// "MAIL FROM:<a@b> SIZE=1" -> "a@b"; nullopt without angle brackets.
std::optional<std::string> path_of(std::string_view line) {
  const std::size_t open = line.find('<'), close = line.find('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  return std::string(line.substr(open + 1, close - open - 1));
}

std::string unstuffed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t found = text.find("\r\n", at);
    const std::size_t end = found == std::string_view::npos ? text.size() : found + 2;
    out += text.substr(text[at] == '.' ? at + 1 : at, end - at - (text[at] == '.' ? 1 : 0));
    at = end;
  }
  return out;
}

}  // namespace

SmtpSession::SmtpSession(Peer& peer, const SmtpHandler& handler, SmtpLimits limits)
    : peer_(peer), handler_(handler), limits_(limits) {}

void SmtpSession::opened() {
  reply(SmtpStage::GREETING, "", "220 sandbox.carillon ESMTP nothing here is really sent\r\n");
}

void SmtpSession::received(std::string_view bytes) {
  if (ended_) return;
  input_ += bytes;
  if (!busy_) serve();
}

void SmtpSession::serve() {
  while (!busy_ && !ended_ && (reading_ == Reading::DATA ? serve_data() : serve_line())) {
  }
}

bool SmtpSession::serve_line() {
  const std::size_t end = input_.find('\n');
  if (end == std::string::npos) {
    if (input_.size() <= limits_.line_bytes_max) return false;
    act({Action::SEND_AND_CLOSE, "500 5.5.2 line too long\r\n", {}, {}});
    return false;
  }
  std::string line = input_.substr(0, end);
  input_.erase(0, end + 1);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.size() > limits_.line_bytes_max) {
    peer_.write("500 5.5.2 line too long\r\n");
    return true;
  }
  if (reading_ == Reading::COMMAND) {
    command(line);
  } else if (reading_ == Reading::AUTH_LOGIN_USER) {
    reading_ = Reading::AUTH_LOGIN_PASSWORD;
    peer_.write("334 UGFzc3dvcmQ6\r\n");
  } else {
    reading_ = Reading::COMMAND;
    reply(SmtpStage::AUTH, line, "235 2.7.0 welcome\r\n");
  }
  return true;
}

// The terminator may begin with the CRLF that ended the DATA line: an empty mail is ".\r\n" alone.
bool SmtpSession::serve_data() {
  std::size_t text_end = 0, next = 0;
  if (input_.substr(0, 3) == ".\r\n") {
    next = 3;
  } else {
    const std::size_t found = input_.find(end_of_data, searched_ > 4 ? searched_ - 4 : 0);
    if (found == std::string::npos) {
      searched_ = input_.size();
      if (input_.size() > limits_.mail_bytes_max + limits_.line_bytes_max) {
        act({Action::SEND_AND_CLOSE, "552 5.3.4 message too big\r\n", {}, {}});
      }
      return false;
    }
    text_end = found + 2;
    next = found + end_of_data.size();
  }
  mail_.data = unstuffed(std::string_view(input_).substr(0, text_end));
  input_.erase(0, next);
  searched_ = 0;
  reading_ = Reading::COMMAND;
  has_sender_ = false;
  SmtpMail taken = std::move(mail_);
  mail_ = {};
  if (taken.data.size() > limits_.mail_bytes_max) {
    peer_.write("552 5.3.4 message too big\r\n");
  } else {
    act(handler_.on_mail(std::move(taken)));
  }
  return true;
}

void SmtpSession::command(std::string_view line) {
  if (starts_with_word(line, "EHLO")) {
    greeted_ = true;
    const std::string size = std::to_string(limits_.mail_bytes_max);
    return reply(SmtpStage::HELLO, line,
                 "250-sandbox.carillon\r\n250-PIPELINING\r\n250-SIZE " + size +
                     "\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN LOGIN\r\n");
  }
  if (starts_with_word(line, "HELO")) {
    greeted_ = true;
    return reply(SmtpStage::HELLO, line, "250 sandbox.carillon\r\n");
  }
  if (starts_with_word(line, "MAIL FROM:")) return mail(line);
  if (starts_with_word(line, "RCPT TO:")) return rcpt(line);
  if (starts_with_word(line, "AUTH ")) return auth(line);
  if (starts_with_word(line, "DATA")) return data(line);
  if (starts_with_word(line, "RSET")) {
    mail_ = {};
    has_sender_ = false;
    return peer_.write("250 2.0.0 ok\r\n");
  }
  if (starts_with_word(line, "NOOP")) return peer_.write("250 2.0.0 ok\r\n");
  if (starts_with_word(line, "VRFY")) return peer_.write("252 2.1.5 send it and see\r\n");
  if (starts_with_word(line, "QUIT")) return act({Action::SEND_AND_CLOSE, "221 2.0.0 bye\r\n", {}, {}});
  if (starts_with_word(line, "STARTTLS")) return peer_.write("502 5.5.1 no TLS here; set SMTP_TLS=none\r\n");
  peer_.write("500 5.5.2 unknown command\r\n");
}

void SmtpSession::mail(std::string_view line) {
  if (!greeted_) return peer_.write("503 5.5.1 say EHLO first\r\n");
  if (has_sender_) return peer_.write("503 5.5.1 a mail is begun already\r\n");
  auto path = path_of(line);
  if (!path) return peer_.write("501 5.5.4 write MAIL FROM:<address>\r\n");
  refused_ = false;
  reply(SmtpStage::MAIL, line, "250 2.1.0 ok\r\n");
  if (refused_) return;
  has_sender_ = true;
  mail_ = {};
  mail_.from = std::move(*path);
}

void SmtpSession::rcpt(std::string_view line) {
  if (!has_sender_) return peer_.write("503 5.5.1 MAIL comes first\r\n");
  auto path = path_of(line);
  if (!path || path->find('@') == std::string::npos) return peer_.write("501 5.1.3 write RCPT TO:<address>\r\n");
  if (mail_.to.size() >= limits_.recipients_max) return peer_.write("452 4.5.3 too many recipients\r\n");
  refused_ = false;
  reply(SmtpStage::RCPT, line, "250 2.1.5 ok\r\n");
  if (!refused_) mail_.to.push_back(std::move(*path));
}

void SmtpSession::auth(std::string_view line) {
  if (!greeted_) return peer_.write("503 5.5.1 say EHLO first\r\n");
  if (starts_with_word(line, "AUTH PLAIN ")) return reply(SmtpStage::AUTH, line, "235 2.7.0 welcome\r\n");
  if (starts_with_word(line, "AUTH PLAIN")) {
    reading_ = Reading::AUTH_PLAIN;
    return peer_.write("334 \r\n");
  }
  if (starts_with_word(line, "AUTH LOGIN")) {
    const bool with_user = line.size() > std::string_view("AUTH LOGIN ").size();
    reading_ = with_user ? Reading::AUTH_LOGIN_PASSWORD : Reading::AUTH_LOGIN_USER;
    return peer_.write(with_user ? "334 UGFzc3dvcmQ6\r\n" : "334 VXNlcm5hbWU6\r\n");
  }
  peer_.write("504 5.5.4 PLAIN and LOGIN are known\r\n");
}

void SmtpSession::data(std::string_view line) {
  if (!has_sender_ || mail_.to.empty()) return peer_.write("503 5.5.1 MAIL and RCPT come first\r\n");
  refused_ = false;
  reply(SmtpStage::DATA, line, "354 end with a dot on a line of its own\r\n");
  if (refused_) return;
  reading_ = Reading::DATA;
  searched_ = 0;
}

void SmtpSession::reply(SmtpStage stage, std::string_view line, std::string_view usual) {
  if (handler_.on_command) {
    if (auto answer = handler_.on_command(stage, line)) {
      refused_ = true;
      return act(std::move(*answer));
    }
  }
  peer_.write(std::string(usual));
}

void SmtpSession::act(Answer answer) {
  if (answer.delay.count() <= 0) return perform(answer);
  busy_ = true;
  const auto delay = answer.delay;
  // The peer drops this with the connection, and the session ends with it: `this` is alive when it runs.
  peer_.after(delay, [this, answer = std::move(answer)] {
    busy_ = false;
    perform(answer);
    serve();
  });
}

void SmtpSession::perform(const Answer& answer) {
  switch (answer.action) {
    case Action::HANG:
      busy_ = true;
      return peer_.keep_idle();
    case Action::RESET:
      ended_ = true;
      return peer_.reset();
    case Action::CLOSE:
      ended_ = true;
      return peer_.close();
    case Action::SEND:
    case Action::SEND_AND_CLOSE:
    case Action::SEND_AND_RESET:
      break;
  }
  peer_.write(answer.bytes);
  if (answer.sent) answer.sent();
  if (answer.action == Action::SEND) return;
  ended_ = true;
  if (answer.action == Action::SEND_AND_RESET) {
    peer_.reset();
  } else {
    peer_.close();
  }
}

}  // namespace carillon::sandbox
