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

 private:
  mutable std::mutex mutex_;
  std::map<std::string, events::ProviderState> latest_;  // guarded by mutex_
};

}  // namespace carillon::health
