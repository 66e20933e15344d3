#include "orchestrator/app/client_wishes.hpp"

#include "orchestrator/core/preferences.hpp"
#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {
namespace {

struct Columns {
  pg::Array clients, channels, keys, categories, hashes;
  std::vector<std::size_t> asked;  // by ordinal: whose question it is

  void add(std::size_t place, const WishQuestion& question, std::string_view hash) {
    const TemplateMeta& meta = *question.meta;
    // What can't be switched off is on no channel that a preference could name.
    const bool can_be_off = can_be_switched_off(meta);
    asked.push_back(place);
    clients.add(question.client_id);
    channels.add(can_be_off ? events::enum_name(meta.channel) : "");
    keys.add(meta.key);
    categories.add(meta.category);
    hashes.add(hash);
  }
};

}  // namespace

std::vector<Wish> find_wishes(std::span<const WishQuestion> questions, pg::Transaction& tx) {
  std::vector<Wish> wishes(questions.size());
  Columns columns;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const WishQuestion& question = questions[i];
    if (question.client_id.empty() || !question.meta || question.meta->audience != events::Audience::CLIENT) continue;
    if (question.hashes.empty()) columns.add(i, question, "");
    for (const std::string& hash : question.hashes) columns.add(i, question, hash);
  }
  if (columns.asked.empty()) return wishes;
  const auto rows = tx.run(orchestrator_sql::find_wishes, pg::Params()
                                                              .add(std::move(columns.clients))
                                                              .add(std::move(columns.channels))
                                                              .add(std::move(columns.keys))
                                                              .add(std::move(columns.categories))
                                                              .add(std::move(columns.hashes)));
  for (const auto& row : rows) {
    Wish& wish = wishes[columns.asked.at(row["ordinal"].as<std::size_t>() - 1)];
    wish.client_off = wish.client_off || row["client_off"].as<bool>();
    wish.recipient_off = wish.recipient_off || row["recipient_off"].as<bool>();
    if (!row["start_minute"].is_null())
      wish.quiet_hours = QuietHours{std::chrono::minutes(row["start_minute"].as<int>()),
                                    std::chrono::minutes(row["end_minute"].as<int>())};
  }
  return wishes;
}

}  // namespace carillon::orchestrator
