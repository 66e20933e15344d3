// Which clients there are and where their billing mail goes, kept in memory from client.state.v1. Thread-safe.
#pragma once
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "bus/record.hpp"
#include "service/metrics.hpp"

namespace carillon::billing {

struct ClientFacts {
  std::string email;  // for billing mail; "" = the client has none
  std::string name, locale;
};

class ClientDirectory {
 public:
  explicit ClientDirectory(metrics::Registry& metrics);
  // A record of the topic. Older versions than the known one are ignored; what can't be read is logged and ignored.
  void learn(const bus::Received& record);
  std::optional<ClientFacts> find(const std::string& client_id) const;  // nullopt: unknown or deleted

 private:
  struct Entry {
    std::int64_t version = 0;
    bool deleted = false;  // stays, for its version
    ClientFacts facts;
  };
  metrics::Counter read_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Entry> clients_;  // guarded by mutex_
};

}  // namespace carillon::billing
