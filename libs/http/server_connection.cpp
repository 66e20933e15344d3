// Bytes in and out of a server's connection; what is done with a whole request is in server_dispatch.cpp, who may send
// a large one in server_admission.cpp, answers that go on in server_stream.cpp.
#include "http/detail/server_connection.hpp"

#include <cstring>

#include "http/detail/response_text.hpp"

namespace carillon::http::detail {
namespace {

constexpr std::size_t large_body_bytes = 16 * 1024;  // from here on a body is not copied behind its head

bool is_http_version_other_than_1(std::string_view received) {
  const std::size_t at = received.substr(0, received.find('\r')).rfind(" HTTP/");
  return at != std::string_view::npos && at + 6 < received.size() && received[at + 6] >= '0' && received[at + 6] <= '9';
}

}  // namespace

ServerConnection::ServerConnection(Tcp::socket socket, ServerLoop& home)
    : socket_(std::move(socket)),
      home_(home),
      shared_(home.shared),
      now_(std::chrono::steady_clock::now()),
      stage_since_(now_),
      buffer_(read_buffer_bytes) {
  ErrorCode ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  const auto other_end = socket_.remote_endpoint(ignored);
  peer_ = other_end.address().to_string();
}

void ServerConnection::start() {
  read();
}

void ServerConnection::refuse() {
  auto nothing = std::make_shared<Request>();
  nothing->peer = peer_;
  Response response = problem(503, "TOO_MANY_CONNECTIONS", "The server has no room for another connection.");
  response.headers.emplace_back("Retry-After", "1");
  slots_.push_back({.request = nothing, .started = now_, .ready = true, .response = std::move(response)});
  parse_ended_ = failed_ = true;
  advance();
}

void ServerConnection::enter(Stage stage) {
  stage_ = stage;
  stage_since_ = now_;
}

void ServerConnection::read() {
  const bool unread = stage_ == Stage::DISCARDING || stage_ == Stage::STREAMING;
  const bool wanted = unread || may_parse();
  if (reading_ || read_closed_ || stage_ == Stage::CLOSED || !wanted) return;
  if (unread) begin_ = end_ = 0;
  make_room();
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
      [self = shared_from_this()](const ErrorCode& error, std::size_t bytes) { self->on_read(error, bytes); });
}

void ServerConnection::make_room() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (end_ == buffer_.size() && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  } else if (end_ == buffer_.size()) {
    buffer_.resize(buffer_.size() * 2);  // parse_available() refuses before this gets out of hand
  }
}

void ServerConnection::on_read(const ErrorCode& error, std::size_t bytes) {
  reading_ = false;
  if (stage_ == Stage::CLOSED) return;
  now_ = std::chrono::steady_clock::now();
  if (stage_ == Stage::DISCARDING || stage_ == Stage::STREAMING) {
    discarded_bytes_ += bytes;
    if (error || discarded_bytes_ > discarded_bytes_max) return close();
    return read();
  }
  if (error && error != asio::error::eof) return close();
  if (error) {
    read_closed_ = true;
    parser_.reset();
  }
  end_ += bytes;
  starved_ = false;
  advance();
}

bool ServerConnection::may_parse() const {
  return !parse_ended_ && !asking_ && !read_closed_ && slots_.size() < pipelined_requests_max &&
         out_.bytes() < unsent_bytes_max;
}

void ServerConnection::advance() {
  const auto self = shared_from_this();
  busy_ = true;
  do {
    parse_available();
    send_ready();
    write();
  } while (stage_ != Stage::CLOSED && !starved_ && begin_ < end_ && may_parse());
  busy_ = false;
  if (stage_ != Stage::CLOSED) read();
}

void ServerConnection::parse_available() {
  while (begin_ < end_ && !starved_ && may_parse()) {
    if (!parser_) {
      if (buffer_[begin_] == '\r' || buffer_[begin_] == '\n') {  // RFC 9112, 2.2: empty lines before a request
        ++begin_;
        continue;
      }
      parser_.emplace(shared_->settings, shared_->router, shared_->large_bodies, peer_);
      enter(Stage::HEADER);
    }
    ErrorCode error;
    begin_ += parser_->put(asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
    if (error == beast_http::error::need_more) {
      starved_ = true;
      if (end_ - begin_ >= std::max(shared_->settings.header_bytes_max, read_buffer_bytes)) {
        return parse_failed(beast_http::error::header_limit);
      }
    } else if (error) {
      return parse_failed(error);
    }
    if (stage_ == Stage::HEADER && parser_->is_header_done()) {
      enter(Stage::BODY);
      if (parser_->needs_place()) {
        ask_guard();
        continue;
      }
    }
    if (parser_->is_done()) dispatch();
  }
}

void ServerConnection::parse_failed(const ErrorCode& error) {
  using Error = beast_http::error;
  if (error == Error::body_limit && parser_->no_room) {
    Response busy = problem(503, "OVERLOADED", "Too many large requests are on their way; try again soon.");
    busy.headers.emplace_back("Retry-After", "1");
    return refuse_request(std::move(busy));
  }
  if (error == Error::body_limit) return refuse_request(problem(413, "PAYLOAD_TOO_LARGE", "The body is too large."));
  if (error == Error::header_limit)
    return refuse_request(problem(431, "HEADER_TOO_LARGE", "The request's header is too large."));
  const std::string_view received(buffer_.data() + begin_, end_ - begin_);
  if (error == Error::bad_version && is_http_version_other_than_1(received)) {
    return refuse_request(problem(505, "HTTP_VERSION_NOT_SUPPORTED", "Only HTTP/1.0 and HTTP/1.1 are spoken here."));
  }
  refuse_request(problem(400, "MALFORMED_REQUEST", "The request is not well-formed HTTP."));
}

void ServerConnection::refuse_request(Response response, const Route* route) {
  auto request = std::make_shared<Request>(parser_ ? std::move(parser_->request) : Request{});
  parser_.reset();
  begin_ = end_ = 0;
  parse_ended_ = failed_ = true;
  slots_.push_back(
      {.request = std::move(request), .route = route, .started = now_, .ready = true, .response = std::move(response)});
}

void ServerConnection::complete(std::uint64_t serial, Response response) {
  if (stage_ == Stage::CLOSED || serial < first_serial_ || serial - first_serial_ >= slots_.size()) return;
  Slot& slot = slots_[serial - first_serial_];
  if (slot.ready) return;
  slot.response = std::move(response);
  slot.ready = true;
  if (busy_) return;
  now_ = std::chrono::steady_clock::now();
  advance();
}

void ServerConnection::send_ready() {
  const bool answered = !slots_.empty() && slots_.front().ready;
  while (!slots_.empty() && slots_.front().ready && !closing_) {
    Slot slot = std::move(slots_.front());
    slots_.pop_front();
    ++first_serial_;
    const bool last_while_draining = shared_->draining && slots_.empty();
    send_answer(slot, slot.keep_alive && !last_while_draining);
  }
  if (answered && slots_.empty()) stage_since_ = now_;
  if (slots_.empty() && parser_ && parser_->expects_continue && !continue_sent_ && stage_ == Stage::BODY && !asking_) {
    continue_sent_ = true;
    if (parser_->version >= 11) out_.tail() += "HTTP/1.1 100 Continue\r\n\r\n";
  }
}

void ServerConnection::send_answer(Slot& slot, bool keep_alive) {
  if (!are_sendable(slot.response.headers) || !is_sendable("Content-Type", slot.response.content_type)) {
    slot.response = problem(500, "INTERNAL_ERROR", "The answer could not be sent.");
  }
  const bool goes_on = may_stream(slot);
  keep_alive = keep_alive && !goes_on;
  append_head(out_.tail(), slot.response, {.keep_alive = keep_alive, .http_1_0 = slot.http_1_0, .goes_on = goes_on});
  if (shared_->hooks.on_answer) {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now_ - slot.started);
    const std::string_view route = slot.route == nullptr ? std::string_view() : std::string_view(slot.route->pattern);
    shared_->hooks.on_answer(*slot.request, slot.response, route, took);
  }
  if (goes_on) return begin_stream(std::move(slot.response.stream));
  if (slot.request->method != Method::HEAD && has_body(slot.response.status)) {
    if (slot.response.body.size() < large_body_bytes) {
      out_.tail() += slot.response.body;
    } else {
      out_.push(std::move(slot.response.body));
    }
  }
  if (!keep_alive) {
    closing_ = parse_ended_ = true;
    slots_.clear();
  }
}

void ServerConnection::write() {
  if (write_blocked_ || stage_ == Stage::CLOSED) return;
  const WriteQueue::Outcome outcome = out_.write_to(socket_.native_handle());
  if (outcome == WriteQueue::Outcome::FAILED) return close();
  if (outcome == WriteQueue::Outcome::BLOCKED) {
    write_blocked_ = true;
    blocked_since_ = now_;
    socket_.async_wait(Tcp::socket::wait_write, [self = shared_from_this()](const ErrorCode& error) {
      self->write_blocked_ = false;
      if (self->stage_ == Stage::CLOSED) return;
      if (error) return self->close();
      const SteadyTime blocked_since = self->blocked_since_;
      self->now_ = std::chrono::steady_clock::now();
      self->advance();
      if (self->write_blocked_) self->blocked_since_ = blocked_since;  // a trickle is no reason to wait longer
    });
    return;
  }
  if (closing_ || (read_closed_ && slots_.empty())) finish();
}

void ServerConnection::finish() {
  if (stage_ == Stage::DISCARDING) return;
  ErrorCode error;
  if (read_closed_ || (!failed_ && socket_.available(error) == 0)) return close();
  // Closing with unread bytes would reset the connection, and the answer would be lost on its way.
  socket_.shutdown(Tcp::socket::shutdown_send, error);
  if (error) return close();
  enter(Stage::DISCARDING);
}

void ServerConnection::close() {
  if (stage_ == Stage::CLOSED) return;
  const auto self = shared_from_this();
  if (stream_) --shared_->streams;
  stream_.reset();
  stage_ = Stage::CLOSED;
  ErrorCode ignored;
  socket_.close(ignored);
  slots_.clear();
  parser_.reset();
  out_.clear();
  home_.forget(*this);
}

void ServerConnection::drain() {
  if (stage_ == Stage::STREAMING) return end_stream();
  if (!slots_.empty() || parser_ || begin_ < end_ || !out_.empty() || stage_ == Stage::DISCARDING) return;
  ErrorCode error;
  if (socket_.available(error) == 0 || error) close();
}

void ServerConnection::sweep(SteadyTime now) {
  now_ = now;
  const ServerSettings& settings = shared_->settings;
  if (write_blocked_ && now - blocked_since_ > settings.write_timeout) return close();
  if (stage_ == Stage::STREAMING) return sweep_stream(now);
  if (!slots_.empty() || asking_) return;  // it is we who are slow
  const auto waited = now - stage_since_;
  switch (stage_) {
    case Stage::FRESH:
      if (waited > settings.header_timeout) close();
      return;
    case Stage::IDLE:
      if (waited > settings.idle_timeout) close();
      return;
    case Stage::HEADER:
    case Stage::BODY:
      if (waited <= (stage_ == Stage::HEADER ? settings.header_timeout : settings.body_timeout)) return;
      refuse_request(problem(408, "REQUEST_TIMEOUT", "The request did not arrive in time."));
      return advance();
    case Stage::DISCARDING:
      if (waited > discard_timeout) close();
      return;
    case Stage::STREAMING:
    case Stage::CLOSED:
      return;
  }
}

}  // namespace carillon::http::detail
