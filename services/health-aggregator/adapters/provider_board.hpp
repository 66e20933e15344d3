// The latest state of each provider, kept from the provider.state broadcast. Thread-safe.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "bus/record.hpp"
#include "events/events.hpp"

namespace carillon::health {

class ProviderBoard {
 public:
  // Ignores what is older than what is known; logs what can't be read.
  void apply(const bus::Received& received);
  // By channel, then position in its chain.
  std::vector<events::ProviderState> providers() const;
  // Since when the provider's breaker has not been closed, as far as this process has seen; by provider.
  std::map<std::string, UtcTime> open_since() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, events::ProviderState> latest_;  // guarded by mutex_, like the next
  std::map<std::string, UtcTime> open_since_;
};

}  // namespace carillon::health
