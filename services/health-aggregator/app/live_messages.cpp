#include "health-aggregator/app/live_messages.hpp"

#include "health-aggregator/app/find_messages.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::health {

namespace {

std::string state_of(const std::vector<MessageView>& messages) {
  std::string state;
  for (const MessageView& message : messages) state += message.message_id + to_rfc3339(message.updated_at) + ";";
  return state;
}

}  // namespace

LiveMessages::LiveMessages(pg::ConnectionSettings connection, const security::Sealer& sealer, Render render,
                           std::chrono::milliseconds interval)
    : connection_(std::move(connection)), sealer_(sealer), render_(std::move(render)), interval_(interval) {}

void LiveMessages::start() {
  thread_ = std::thread([this] { run(); });
}

void LiveMessages::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<http::Stream> LiveMessages::watch() {
  auto stream = std::make_shared<http::Stream>();
  {
    const std::lock_guard lock(mutex_);
    joined_.push_back(stream);
  }
  woken_.notify_all();
  return stream;
}

void LiveMessages::run() {
  name_this_thread("health-live");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    std::erase_if(watchers_, [](const auto& watcher) { return watcher.expired(); });
    if (joined_.empty() && watchers_.empty()) {
      seen_.clear();
      woken_.wait(lock, [this] { return stopping_ || !joined_.empty(); });
      continue;
    }
    lock.unlock();
    look();
    lock.lock();
    woken_.wait_for(lock, interval_, [this] { return stopping_ || !joined_.empty(); });
  }
}

void LiveMessages::look() {
  try {
    MessageFilter newest;
    newest.limit = recent_messages;
    const auto page = find_messages(connection_, newest, sealer_);
    const std::string state = state_of(page->messages);
    send("recent", render_(page->messages), state != seen_);
    seen_ = state;
  } catch (const std::exception& failure) {  // a lost database above all; the next turn looks again
    log::warn("live_messages_unavailable", {{"error", failure.what()}});
    send("away", "", true);
    seen_ = "away";
  }
}

void LiveMessages::send(std::string_view event, const std::string& data, bool to_all) {
  std::vector<std::shared_ptr<http::Stream>> to;
  {
    const std::lock_guard lock(mutex_);
    to.swap(joined_);
    if (to_all) {
      for (const auto& watcher : watchers_) {
        if (auto open = watcher.lock()) to.push_back(std::move(open));
      }
      watchers_.clear();
    }
    for (const auto& stream : to) watchers_.push_back(stream);
  }
  for (const auto& stream : to) stream->send(event, data);
}

}  // namespace carillon::health
