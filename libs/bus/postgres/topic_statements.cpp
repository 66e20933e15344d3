#include "bus/postgres/topic_statements.hpp"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <stdexcept>

#include "bus/postgres/record_batch.hpp"

namespace carillon::bus {
namespace {

// The head is read in the statement after the one that took the lock, so by a snapshot that has all earlier commits.
constexpr const char* append_sql = R"(
INSERT INTO bus.{0} (partition, base_seq, record_count, records)
SELECT r.partition, coalesce(head.seq, 1) + r.preceding, r.record_count, r.records
FROM unnest($1::int[], $2::int[], $3::int[], $4::bytea[]) AS r(partition, preceding, record_count, records)
LEFT JOIN LATERAL (SELECT b.base_seq + b.record_count AS seq FROM bus.{0} b WHERE b.partition = r.partition
                   ORDER BY b.base_seq DESC LIMIT 1) AS head ON true
RETURNING partition, base_seq, published_at)";

// The first row is the one that holds next_seq, so of those that begin before it only the last is looked at: under
// light load a row holds one record, and {1} of them would be gone through. The sums bound what one answer holds; the
// first row always comes. Rows that the reader has already ($6, $7) are passed over before their bytes are looked at.
constexpr const char* fetch_sql = R"(
SELECT u.partition, r.base_seq, r.record_count, r.published_at, r.records
FROM unnest($1::int[], $2::bigint[]) AS u(partition, next_seq)
CROSS JOIN LATERAL (
  SELECT s.base_seq, s.record_count, s.published_at, s.records,
         sum(s.record_count) OVER w - s.record_count AS records_before,
         sum(octet_length(s.records)) OVER w - octet_length(s.records) AS bytes_before
  FROM (SELECT b.base_seq, b.record_count, b.published_at, b.records FROM bus.{0} b
        WHERE b.partition = u.partition AND b.base_seq + b.record_count > u.next_seq
          AND b.base_seq >= coalesce((SELECT f.base_seq FROM bus.{0} f WHERE f.partition = u.partition
                                        AND f.base_seq > u.next_seq - {1} AND f.base_seq <= u.next_seq
                                      ORDER BY f.base_seq DESC LIMIT 1), u.next_seq)
          AND (b.partition, b.base_seq) NOT IN (SELECT * FROM unnest($6::int[], $7::bigint[]))
        ORDER BY b.base_seq LIMIT $3::int) AS s
  WINDOW w AS (ORDER BY s.base_seq)) AS r
WHERE r.records_before < $4::int AND r.bytes_before < $5::bigint)";

// Each row once, however many of its records are wanted; a pointer to its bytes is what is sorted.
constexpr const char* read_back_sql = R"(
SELECT DISTINCT ON (u.partition, r.base_seq) u.partition, r.base_seq, r.record_count, r.published_at, r.records
FROM unnest($1::int[], $2::bigint[]) AS u(partition, seq)
CROSS JOIN LATERAL (SELECT b.base_seq, b.record_count, b.published_at, b.records FROM bus.{0} b
                    WHERE b.partition = u.partition AND b.base_seq > u.seq - {1} AND b.base_seq <= u.seq
                    ORDER BY b.base_seq DESC LIMIT 1) AS r
ORDER BY u.partition, r.base_seq)";

constexpr const char* heads_sql = R"(
SELECT u.partition, coalesce((SELECT b.base_seq + b.record_count FROM bus.{0} b WHERE b.partition = u.partition
                              ORDER BY b.base_seq DESC LIMIT 1), 1) AS seq
FROM unnest($1::int[]) AS u(partition))";

class AllStatements {
 public:
  AllStatements() {
    for (const Topic& topic : topics::all) {
      by_table_[topic.table] = {query("append", append_sql, topic), query("fetch", fetch_sql, topic),
                                query("heads", heads_sql, topic), query("read_back", read_back_sql, topic)};
    }
  }
  const TopicStatements* find(std::string_view table) const {
    const auto found = by_table_.find(table);
    return found == by_table_.end() ? nullptr : &found->second;
  }

 private:
  pg::Query query(const char* verb, const char* sql, const Topic& topic) {
    const std::string& name = texts_.emplace_back(fmt::format("bus_{}_{}", verb, topic.table));
    const std::string& text = texts_.emplace_back(fmt::format(fmt::runtime(sql), topic.table, batch_row_records_max));
    return {name.c_str(), text.c_str()};
  }
  std::deque<std::string> texts_;  // addresses stay
  std::map<std::string_view, TopicStatements> by_table_;
};

// FNV-1a, 64 bits.
std::uint64_t hash(std::string_view first, std::string_view second) {
  std::uint64_t value = 0xcbf29ce484222325U;
  const auto mix = [&](unsigned char byte) { value = (value ^ byte) * 0x100000001b3U; };
  for (const char c : first) mix(static_cast<unsigned char>(c));
  mix(0);
  for (const char c : second) mix(static_cast<unsigned char>(c));
  return value;
}

}  // namespace

const TopicStatements& statements_of(const Topic& topic) {
  static const AllStatements all;
  const TopicStatements* found = all.find(topic.table);
  if (found == nullptr) throw std::invalid_argument("no such topic: " + std::string(topic.name));
  return *found;
}

std::int32_t publish_lock_key(const Topic& topic) {
  return static_cast<std::int32_t>(hash("publish", topic.name) >> 33);
}

std::int32_t lease_lock_key(std::string_view group, const Topic& topic) {
  return -1 - static_cast<std::int32_t>(hash(group, topic.name) >> 33);
}

std::int64_t group_lock_key(std::string_view group, const Topic& topic) {
  return static_cast<std::int64_t>(hash(group, topic.name));
}

}  // namespace carillon::bus
