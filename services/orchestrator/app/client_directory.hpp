// The latest state of every client, kept in memory from client.state.v1. Thread-safe.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "bus/record.hpp"
#include "events/events.hpp"

namespace carillon::orchestrator {

class ClientDirectory {
 public:
  // A record of the topic. Older versions than the known one are ignored; what can't be read is logged and ignored.
  void learn(const bus::Received& record);
  // nullptr: unknown or deleted.
  std::shared_ptr<const events::ClientState> find(const std::string& client_id) const;
  // 0 when nothing is known.
  std::int64_t version_of(const std::string& client_id) const;

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const events::ClientState>>
      clients_;  // deleted ones stay, for their version
};

}  // namespace carillon::orchestrator
