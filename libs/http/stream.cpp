#include "http/stream.hpp"

namespace carillon::http {

std::string event_text(std::string_view event, std::string_view data) {
  std::string text = "event: " + std::string(event) + "\n";
  while (true) {
    const auto end = data.find('\n');
    text += "data: ";
    text += data.substr(0, end);
    text += '\n';
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + 1);
  }
  return text + "\n";
}

void Stream::send(std::string_view event, std::string_view data) {
  std::string text = event_text(event, data);
  const std::lock_guard lock(mutex_);
  if (deliver_) return deliver_(std::move(text));
  if (early_.size() <= stream_unsent_bytes_max) early_ += text;  // what is too much ends the stream once it begins
}

void Stream::attach(std::function<void(std::string)> deliver) {
  const std::lock_guard lock(mutex_);
  deliver_ = std::move(deliver);
  if (!early_.empty()) deliver_(std::move(early_));
  early_.clear();
}

Response stream_answer(std::shared_ptr<Stream> stream) {
  Response response;
  response.content_type = "text/event-stream; charset=utf-8";
  response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  response.stream = std::move(stream);
  return response;
}

}  // namespace carillon::http
