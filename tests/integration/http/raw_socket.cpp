#include "integration/http/raw_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace carillon::http::testing {
namespace {

constexpr int wait_seconds_max = 20;

void limit_waits(int descriptor) {
  const timeval limit{wait_seconds_max, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

RawSocket RawSocket::connect_to(int port) {
  RawSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  limit_waits(socket.descriptor_);
  const sockaddr_in address = loopback(port);
  if (::connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("can't connect to the server under test");
  }
  return socket;
}

RawSocket::~RawSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RawSocket::RawSocket(RawSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), rest_(std::move(other.rest_)) {}

bool RawSocket::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw std::runtime_error("the other end does not read");
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string RawSocket::read_some() const {
  std::array<char, 16 * 1024> buffer{};
  const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw std::runtime_error("the other end says nothing");
  return got <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(got));
}

std::string RawSocket::read_until(std::string_view mark) {
  for (;;) {
    const std::size_t at = rest_.find(mark);
    if (at != std::string::npos) {
      std::string found = rest_.substr(0, at + mark.size());
      rest_.erase(0, at + mark.size());
      return found;
    }
    const std::string more = read_some();
    if (more.empty()) return std::exchange(rest_, {});
    rest_ += more;
  }
}

std::string RawSocket::read_answer() {
  std::string answer = read_until("\r\n\r\n");
  const std::size_t at = answer.find("Content-Length: ");
  if (at == std::string::npos) return answer;
  const std::size_t length = std::stoul(answer.substr(at + 16));
  while (rest_.size() < length) {
    const std::string more = read_some();
    if (more.empty()) break;
    rest_ += more;
  }
  answer += rest_.substr(0, length);
  rest_.erase(0, length);
  return answer;
}

std::string RawSocket::read_to_end() {
  std::string all = std::exchange(rest_, {});
  for (;;) {
    const std::string more = read_some();
    if (more.empty()) return all;
    all += more;
  }
}

void RawSocket::shutdown_send() const {
  ::shutdown(descriptor_, SHUT_WR);
}

void RawSocket::close() {
  ::close(std::exchange(descriptor_, -1));
}

void RawSocket::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(descriptor_, -1));
}

RawServer::RawServer(std::function<void(RawSocket&)> serve)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), length) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("can't listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, serve = std::move(serve)] {
    for (;;) {
      RawSocket socket(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
      if (socket.descriptor() < 0) return;
      limit_waits(socket.descriptor());
      try {
        serve(socket);
      } catch (const std::runtime_error&) {
        // The test sees what its client got.
      }
    }
  });
}

RawServer::~RawServer() {
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept
  thread_.join();
  ::close(listener_);
}

int status_of(std::string_view answer) {
  return answer.size() > 12 && answer.starts_with("HTTP/1.1 ") ? std::stoi(std::string(answer.substr(9, 3))) : 0;
}

}  // namespace carillon::http::testing
