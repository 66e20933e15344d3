#include "bus/dead_letters.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace carillon::bus {
namespace {

constexpr std::string_view suffix = ".dlq";
constexpr std::string_view header_prefix = "dlq-";

std::string count_sql() {
  std::string sql;
  for (std::size_t i = 0; i < topics::all.size(); ++i) {
    if (!is_dead_letter_topic(topics::all[i].name)) continue;
    sql += fmt::format(
        "{}SELECT {} AS topic, partition, sum(record_count)::bigint AS records, max(base_seq + record_count) AS "
        "next_seq, "
        "max(published_at) AS newest_at FROM bus.{} GROUP BY partition",
        sql.empty() ? "" : " UNION ALL ", i, topics::all[i].table);
  }
  return sql + " ORDER BY topic, partition";
}

}  // namespace

bool is_dead_letter_topic(std::string_view name) {
  return name.ends_with(suffix);
}

Topic topic_of_dead_letters(const Topic& letters) {
  if (is_dead_letter_topic(letters.name)) {
    if (const Topic* topic = find_topic(letters.name.substr(0, letters.name.size() - suffix.size()))) return *topic;
  }
  throw std::invalid_argument("not a topic of dead letters: " + std::string(letters.name));
}

std::vector<DeadLetters> count_dead_letters(pg::Connection& connection) {
  static const std::string text = count_sql();
  static const pg::Query query{"bus_count_dead_letters", text.c_str()};
  std::vector<DeadLetters> found;
  for (const auto& row : connection.run(query)) {
    found.push_back({topics::all[row["topic"].as<std::size_t>()], row["partition"].as<int>(),
                     row["records"].as<std::int64_t>(), row["next_seq"].as<std::int64_t>(),
                     pg::to_utc(row["newest_at"].c_str())});
  }
  return found;
}

std::string_view replay_obstacle(const Received& letter) {
  if (!header(letter.record.headers, "dlq-cut-from-bytes").empty()) return "only its beginning was kept";
  if (header(letter.record.headers, "dlq-reason") == "FOREIGN_RECORD") return "only services may write to this topic";
  return {};
}

Record record_of(const Received& letter) {
  Record record{letter.record.key, {}, letter.record.value};
  for (const auto& [name, value] : letter.record.headers) {
    if (!std::string_view(name).starts_with(header_prefix)) record.headers.emplace_back(name, value);
  }
  return record;
}

}  // namespace carillon::bus
