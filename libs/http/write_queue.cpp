#include "http/detail/write_queue.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace carillon::http::detail {
namespace {

constexpr std::size_t shared_piece_bytes_max = 64 * 1024;
constexpr std::size_t kept_capacity_bytes_max = 64 * 1024;
constexpr std::size_t pieces_per_call_max = 16;

}  // namespace

std::string& WriteQueue::tail() {
  if (first_ == pieces_.size() || pieces_.back().size() > shared_piece_bytes_max) pieces_.emplace_back();
  return pieces_.back();
}

void WriteQueue::push(std::string&& bytes) {
  pieces_.push_back(std::move(bytes));
}

std::size_t WriteQueue::bytes() const {
  std::size_t sum = 0;
  for (std::size_t i = first_; i < pieces_.size(); ++i) sum += pieces_[i].size();
  return sum - (first_ < pieces_.size() ? offset_ : 0);
}

void WriteQueue::clear() {
  first_ = 0;
  offset_ = 0;
  const bool keep = !pieces_.empty() && pieces_.front().capacity() <= kept_capacity_bytes_max;
  pieces_.resize(keep ? 1 : 0);
  if (keep) pieces_.front().clear();
}

void WriteQueue::drop_written(std::size_t bytes) {
  bytes_written_ += bytes;
  while (first_ < pieces_.size() && bytes >= pieces_[first_].size() - offset_) {
    bytes -= pieces_[first_].size() - offset_;
    offset_ = 0;
    ++first_;
  }
  offset_ += bytes;
  if (first_ == pieces_.size()) clear();
}

WriteQueue::Outcome WriteQueue::write_to(int socket) {
  while (!empty()) {
    std::array<iovec, pieces_per_call_max> parts{};
    std::size_t count = 0;
    for (std::size_t i = first_; i < pieces_.size() && count < parts.size(); ++i, ++count) {
      const std::size_t skip = i == first_ ? offset_ : 0;
      parts[count] = {pieces_[i].data() + skip, pieces_[i].size() - skip};
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Outcome::BLOCKED : Outcome::FAILED;
    drop_written(static_cast<std::size_t>(sent));
  }
  return Outcome::ALL_WRITTEN;
}

}  // namespace carillon::http::detail
