// Answers that go on: the connection takes no further request, writes what is sent on the stream and notices when the
// other end goes.
#include "http/detail/response_text.hpp"
#include "http/detail/server_connection.hpp"

namespace carillon::http::detail {
namespace {

constexpr std::string_view heartbeat = ":\n\n";  // a comment, which every reader leaves out

}  // namespace

bool ServerConnection::may_stream(Slot& slot) {
  if (!slot.response.stream || slot.request->method == Method::HEAD) return false;
  if (!shared_->draining && shared_->streams < shared_->settings.streams_max) return true;
  slot.response = problem(503, "OVERLOADED", "Too many streams are open; try again later.");
  slot.response.headers.emplace_back("Retry-After", "30");
  return false;
}

void ServerConnection::begin_stream(std::shared_ptr<Stream> stream) {
  ++shared_->streams;
  slots_.clear();
  parser_.reset();
  parse_ended_ = true;
  begin_ = end_ = 0;
  enter(Stage::STREAMING);
  heard_of_us_ = now_;
  stream_ = std::move(stream);
  stream_->attach([inbox = home_.loop.inbox(), connection = weak_from_this()](std::string bytes) {
    auto task = make_task([connection, bytes = std::move(bytes)]() mutable {
      if (const auto open = connection.lock()) open->send_on_stream(std::move(bytes));
    });
    inbox->submit(task);
  });
}

void ServerConnection::send_on_stream(std::string bytes) {
  if (stage_ != Stage::STREAMING || closing_) return;
  if (out_.bytes() + bytes.size() > stream_unsent_bytes_max) return close();
  now_ = heard_of_us_ = std::chrono::steady_clock::now();
  out_.push(std::move(bytes));
  write();
}

void ServerConnection::sweep_stream(SteadyTime now) {
  if (now - stage_since_ > shared_->settings.stream_lifetime) return end_stream();
  if (now - heard_of_us_ > shared_->settings.stream_heartbeat) send_on_stream(std::string(heartbeat));
}

// What was sent still goes out.
void ServerConnection::end_stream() {
  closing_ = true;
  write();
}

}  // namespace carillon::http::detail
