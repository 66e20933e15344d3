// Who does not want what: the suppression list, and what recipients have unsubscribed from. One statement each for a
// whole batch, none when nothing is to be asked.
#pragma once
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "postgres/connection.hpp"

namespace carillon::orchestrator {

struct Addressee {
  events::Channel channel{};
  std::vector<std::string> hashes;  // each reference that the recipient may have been noted under; none: no recipient
  std::string unsubscribable;       // the template's category where recipients may unsubscribe from it, else ""
};

// Places in the batch.
struct Unwanted {
  std::set<std::size_t> suppressed, unsubscribed;
};

Unwanted find_unwanted(std::span<const Addressee> addressees, pg::Transaction& tx);

// Places that a query's first column means: its ordinals count `asked` from 1.
std::set<std::size_t> places(const pqxx::result& rows, const std::vector<std::size_t>& asked);

}  // namespace carillon::orchestrator
