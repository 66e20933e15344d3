// What clients have said about their messages, asked for a whole batch in one statement, none when nothing is to be
// asked: kinds that are switched off, for everybody or for a recipient, and quiet hours.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "orchestrator/core/quiet_hours.hpp"
#include "orchestrator/core/template_meta.hpp"
#include "postgres/connection.hpp"

namespace carillon::orchestrator {

struct WishQuestion {
  std::string client_id;               // "": nothing is asked
  const TemplateMeta* meta = nullptr;  // null: nothing is asked
  std::vector<std::string> hashes;     // each reference that the recipient may be noted under
};

struct Wish {
  bool client_off = false, recipient_off = false;
  std::optional<QuietHours> quiet_hours;
};

// One for each of `questions`, in their order.
std::vector<Wish> find_wishes(std::span<const WishQuestion> questions, pg::Transaction& tx);

}  // namespace carillon::orchestrator
