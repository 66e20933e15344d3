// Events of receipts name only their message: its template and channel are taken from what is known of it, so that the
// counts of a template and of a channel hold what became of their messages. Pure.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/events.hpp"

namespace carillon::health {

class MessageFacts {
 public:
  struct Facts {
    std::string template_key;
    events::Channel channel{};
  };
  // Looks the events of a batch over; `batch` must live as long as wanted() is used.
  explicit MessageFacts(const std::vector<events::MessageEvent>& batch);
  // Messages of which the batch itself does not say it.
  const std::set<std::string_view>& wanted() const { return wanted_; }
  void learn(const std::string& message_id, Facts facts);
  // Gives the events that lack them the facts of their message; what nobody knows stays empty.
  void fill(std::vector<events::MessageEvent>& batch) const;

 private:
  std::set<std::string_view> wanted_;
  std::unordered_map<std::string, Facts> known_;  // of messages with an event that lacks them
};

}  // namespace carillon::health
