// What the provider-dispatcher says about its providers, kept in memory from provider.state.v1. Thread-safe.
#pragma once
#include <map>
#include <mutex>
#include <string>

#include "bus/record.hpp"
#include "events/events.hpp"
#include "orchestrator/core/gate.hpp"

namespace carillon::orchestrator {

class ProviderDirectory {
 public:
  void learn(const bus::Received& record);
  ProviderFacts facts(events::Channel channel) const;
  bool knows_any() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, events::ProviderState> providers_;
};

}  // namespace carillon::orchestrator
