#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>

#include "http/detail/client_connection.hpp"

namespace carillon::http::detail {

using ErrorCode = boost::system::error_code;

ClientConnection::ClientConnection(ClientLoop& home, Origin& origin)
    : home_(home), origin_(origin), socket_(home.loop.io()), buffer_(answer_buffer_bytes) {}

void ClientConnection::open(std::unique_ptr<Pending> pending) {
  call_ = std::move(pending);
  open_deadline_ = std::min(std::chrono::steady_clock::now() + call_->connect_timeout, call_->deadline);
  home_.want_addresses(origin_, shared_from_this());
}

void ClientConnection::addresses_ready(const ErrorCode& error) {
  if (stage_ != Stage::OPENING) return;
  if (error) return fail(CallError::RESOLVE, "can't resolve " + origin_.name.host + ": " + error.message());
  if (origin_.addresses.empty()) return fail(CallError::RESOLVE, origin_.name.host + " has no public address");
  addresses_ = origin_.addresses;
  connect(0);
}

void ClientConnection::connect(std::size_t address) {
  socket_.async_connect(addresses_[address], [self = shared_from_this(), address](const ErrorCode& error) {
    if (self->stage_ != Stage::OPENING) return;
    if (!error) return self->connected();
    ErrorCode ignored;
    self->socket_.close(ignored);
    if (address + 1 < self->addresses_.size()) return self->connect(address + 1);
    self->origin_.addresses.clear();  // perhaps it has moved
    self->fail(CallError::CONNECT, "can't connect to " + self->origin_.name.text() + ": " + error.message());
  });
}

void ClientConnection::connected() {
  ErrorCode ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  if (origin_.name.tls) return shake_hands();
  send(std::move(call_));
}

void ClientConnection::shake_hands() {
  const std::string& host = origin_.name.host;
  tls_ = std::make_unique<asio::ssl::stream<Tcp::socket&>>(socket_, *home_.certificates);
  ErrorCode not_an_address;
  asio::ip::make_address(host, not_an_address);
  ErrorCode error;
  if (not_an_address && SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str()) != 1) {
    return fail(CallError::TLS, "the host name can't be sent: " + host);
  }
  tls_->set_verify_mode(asio::ssl::verify_peer, error);
  if (!error) tls_->set_verify_callback(asio::ssl::host_name_verification(host), error);
  if (error) return fail(CallError::TLS, "TLS can't be set up: " + error.message());
  shaking_hands_ = true;
  tls_->async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](const ErrorCode& failed) {
    if (self->stage_ != Stage::OPENING) return;
    self->shaking_hands_ = false;
    if (!failed) return self->send(std::move(self->call_));
    self->fail(CallError::TLS, "TLS with " + self->origin_.name.text() + " failed: " + failed.message());
  });
}

void ClientConnection::send(std::unique_ptr<Pending> pending) {
  call_ = std::move(pending);
  reused_ = stage_ != Stage::OPENING;
  stage_ = Stage::BUSY;
  sent_some_ = false;
  parser_.emplace(answer_header_bytes_max, call_->answer_bytes_max, call_->head_only);
  if (tls_) {
    write_tls();
  } else {
    out_.tail() += call_->request;
    if (!call_->body.empty()) out_.push(std::string(call_->body));
    write();
  }
  if (stage_ == Stage::BUSY) read();
}

void ClientConnection::write() {
  const std::size_t before = out_.bytes_written();
  const WriteQueue::Outcome outcome = out_.write_to(socket_.native_handle());
  sent_some_ |= out_.bytes_written() > before;
  if (outcome == WriteQueue::Outcome::FAILED) {
    // The answer may be there already: a server that refuses a large body answers and closes.
    unusable_ = true;
    if (sent_some_) return out_.clear();
    return fail(CallError::RESET, "the connection was closed before the request was sent");
  }
  if (outcome == WriteQueue::Outcome::ALL_WRITTEN) return;
  writing_ = true;
  socket_.async_wait(Tcp::socket::wait_write, [self = shared_from_this()](const ErrorCode& error) {
    self->writing_ = false;
    if (self->stage_ != Stage::BUSY) return;
    if (error) return self->fail(CallError::RESET, "sending failed: " + error.message());
    self->write();
  });
}

void ClientConnection::write_tls() {
  tls_out_ = call_->request + call_->body;
  writing_ = true;
  sent_some_ = true;  // how much of it the socket has taken can't be seen from here
  asio::async_write(*tls_, asio::buffer(tls_out_), [self = shared_from_this()](const ErrorCode& error, std::size_t) {
    self->writing_ = false;
    if (self->stage_ != Stage::BUSY || !error) return;
    self->fail(CallError::RESET, "sending failed: " + error.message());
  });
}

void ClientConnection::read() {
  if (reading_) return;
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (end_ == buffer_.size() && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  } else if (end_ == buffer_.size()) {
    if (buffer_.size() > answer_header_bytes_max)
      return fail(CallError::ANSWER_TOO_LARGE, "the answer's header is too large");
    buffer_.resize(buffer_.size() * 2);
  }
  reading_ = true;
  const auto into = asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
  auto handler = [self = shared_from_this()](const ErrorCode& error, std::size_t bytes) {
    self->on_read(error, bytes);
  };
  if (tls_) {
    tls_->async_read_some(into, std::move(handler));
  } else {
    socket_.async_read_some(into, std::move(handler));
  }
}

void ClientConnection::on_read(const ErrorCode& error, std::size_t bytes) {
  reading_ = false;
  if (stage_ == Stage::CLOSED) return;
  if (stage_ == Stage::IDLE) return close();  // the end, or an answer to nothing
  if (error) return on_end(error);
  end_ += bytes;
  parse();
}

void ClientConnection::on_end(const ErrorCode& error) {
  const bool regular = error == asio::error::eof;
  if (regular && parser_->got_some()) {
    ErrorCode unfinished;
    parser_->put_eof(unfinished);
    if (!unfinished) return answered();
  }
  const std::string when = parser_->got_some() ? "in the middle of the answer" : "before an answer";
  fail(CallError::RESET, "the connection was closed " + when + (regular ? "" : ": " + error.message()));
}

void ClientConnection::parse() {
  using Error = beast_http::error;
  while (begin_ < end_) {
    ErrorCode error;
    begin_ += parser_->put(asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
    if (error == Error::need_more) break;
    if (error == Error::body_limit) return fail(CallError::ANSWER_TOO_LARGE, "the answer's body is too large");
    if (error == Error::header_limit) return fail(CallError::ANSWER_TOO_LARGE, "the answer's header is too large");
    if (error) return fail(CallError::BAD_ANSWER, "the answer is not HTTP: " + error.message());
    if (!parser_->is_done()) continue;
    const int status = parser_->answer.status;
    if (status >= 200) return answered();
    if (status == 101) return fail(CallError::BAD_ANSWER, "the answer is an upgrade");
    parser_.emplace(answer_header_bytes_max, call_->answer_bytes_max, call_->head_only);  // 1xx: the answer comes later
  }
  read();
}

void ClientConnection::answered() {
  const auto self = shared_from_this();
  std::unique_ptr<Pending> call = std::move(call_);
  Answer answer = std::move(parser_->answer);
  answer.progress = Progress::MAYBE_SENT;
  const bool reusable =
      parser_->is_done() && parser_->keep_alive() && begin_ == end_ && out_.empty() && !writing_ && !unusable_;
  parser_.reset();
  if (reusable) {
    stage_ = Stage::IDLE;
    idle_since_ = std::chrono::steady_clock::now();
    home_.released(origin_, self);
  } else {
    close();
  }
  finish(std::move(call), std::move(answer));
}

bool ClientConnection::is_reusable(SteadyTime now) {
  if (stage_ != Stage::IDLE || now - idle_since_ > home_.settings.idle_max) return false;
  // The read that is pending on an idle connection has not run yet when the end came in this very moment.
  char byte = 0;
  const ssize_t peeked = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void ClientConnection::fail(CallError error, std::string detail) {
  if (stage_ == Stage::CLOSED) return;
  const auto self = shared_from_this();
  std::unique_ptr<Pending> call = std::move(call_);
  // A connection that was closed just before its reuse is no fault of the call: nothing was sent, so once more.
  const bool again = error == CallError::RESET && reused_ && !sent_some_ && !call->put_back;
  if (again) {
    call->put_back = true;
    home_.put_back(origin_, std::move(call));
    return close();
  }
  Answer answer;
  answer.error = error;
  answer.progress = progress();
  answer.detail = std::move(detail);
  close();
  finish(std::move(call), std::move(answer));
}

void ClientConnection::close() {
  if (stage_ == Stage::CLOSED) return;
  const auto self = shared_from_this();
  stage_ = Stage::CLOSED;
  ErrorCode ignored;
  socket_.close(ignored);
  home_.forget(origin_, self);
}

void ClientConnection::cancel() {
  if (call_) return fail(CallError::CANCELLED, "the client has ended");
  close();
}

void ClientConnection::sweep(SteadyTime now) {
  switch (stage_) {
    case Stage::OPENING:
      if (now >= open_deadline_) fail(CallError::TIMEOUT, shaking_hands_ ? "no TLS in time" : "no connection in time");
      return;
    case Stage::BUSY:
      if (now >= call_->deadline) fail(CallError::TIMEOUT, "no answer in time");
      return;
    case Stage::IDLE:
      if (now - idle_since_ > home_.settings.idle_max) close();
      return;
    case Stage::CLOSED:
      return;
  }
}

}  // namespace carillon::http::detail
