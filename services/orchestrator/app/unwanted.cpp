#include "orchestrator/app/unwanted.hpp"

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {
namespace {

std::set<std::size_t> suppressed(std::span<const Addressee> addressees, pg::Transaction& tx) {
  pg::Array channels, hashes;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < addressees.size(); ++i) {
    for (const std::string& hash : addressees[i].hashes) {
      asked.push_back(i);
      channels.add(events::enum_name(addressees[i].channel));
      hashes.add(hash);
    }
  }
  if (asked.empty()) return {};
  return places(tx.run(orchestrator_sql::find_suppressed, pg::Params().add(std::move(channels)).add(std::move(hashes))),
                asked);
}

// Asked of templates alone that say so: transactional mail reaches everyone.
std::set<std::size_t> unsubscribed(std::span<const Addressee> addressees, pg::Transaction& tx) {
  pg::Array channels, hashes, categories;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < addressees.size(); ++i) {
    if (addressees[i].unsubscribable.empty()) continue;
    for (const std::string& hash : addressees[i].hashes) {
      asked.push_back(i);
      channels.add(events::enum_name(addressees[i].channel));
      hashes.add(hash);
      categories.add(addressees[i].unsubscribable);
    }
  }
  if (asked.empty()) return {};
  return places(tx.run(orchestrator_sql::find_unsubscribed,
                       pg::Params().add(std::move(channels)).add(std::move(hashes)).add(std::move(categories))),
                asked);
}

}  // namespace

std::set<std::size_t> places(const pqxx::result& rows, const std::vector<std::size_t>& asked) {
  std::set<std::size_t> found;
  for (const auto& row : rows) found.insert(asked.at(row[0].as<std::size_t>() - 1));
  return found;
}

Unwanted find_unwanted(std::span<const Addressee> addressees, pg::Transaction& tx) {
  return {suppressed(addressees, tx), unsubscribed(addressees, tx)};
}

}  // namespace carillon::orchestrator
