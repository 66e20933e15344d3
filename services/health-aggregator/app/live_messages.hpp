// The newest messages for everybody who watches the Health page: one thread looks at the log every live_interval while
// somebody does, and sends the rows again when one of them has changed. The log is looked at, not the events that this
// instance reads: another instance may read them.
//
// Events: `recent` with the rendered rows; `away` when the database can't be asked, with nothing.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "health-aggregator/core/message_state.hpp"
#include "http/stream.hpp"
#include "postgres/connection.hpp"
#include "security/seal.hpp"

namespace carillon::health {

inline constexpr std::chrono::milliseconds live_interval{1'000};
inline constexpr int recent_messages = 12;

class LiveMessages {
 public:
  using Render = std::function<std::string(const std::vector<MessageView>& messages)>;
  LiveMessages(pg::ConnectionSettings connection, const security::Sealer& sealer, Render render,
               std::chrono::milliseconds interval = live_interval);
  ~LiveMessages() { stop(); }
  void start();
  void stop();

  // A new watcher: gets the rows at once, and again when they change. Thread-safe.
  std::shared_ptr<http::Stream> watch();

 private:
  void run();
  void look();
  void send(std::string_view event, const std::string& data, bool to_all);

  pg::Connection connection_;  // the thread's, like the next two
  const security::Sealer& sealer_;
  std::string seen_;  // what was sent last, without what only time changes
  const Render render_;
  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<std::weak_ptr<http::Stream>> watchers_;  // mutex_, like all below
  std::vector<std::shared_ptr<http::Stream>> joined_;  // have not been sent anything yet
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace carillon::health
