#include "bus/postgres/handover.hpp"

#include <algorithm>

namespace carillon::bus {

void Handover::hold(std::string_view topic_table, const std::set<int>& partitions) {
  const std::lock_guard lock(mutex_);
  Topic& topic = topics_[std::string(topic_table)];
  for (auto at = topic.rows.begin(); at != topic.rows.end();) {
    if (partitions.contains(at->first)) {
      ++at;
      continue;
    }
    while (!at->second.empty()) drop_front(topic, at->second);
    at = topic.rows.erase(at);
  }
  for (const int partition : partitions) topic.rows.try_emplace(partition);
}

bool Handover::wanted(std::string_view topic_table, int partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic_table);
  return found != topics_.end() && found->second.rows.contains(partition);
}

std::size_t Handover::bytes_of(const CommittedRow& row) {
  std::size_t bytes = 0;
  for (const Record& record : row.records)
    bytes += sizeof(Record) + record.key.size() + record.headers.packed().size() + record.value.size();
  return bytes;
}

void Handover::drop_front(Topic& topic, std::deque<CommittedRow>& rows) {
  topic.bytes -= bytes_of(rows.front());
  rows.pop_front();
}

void Handover::put(std::string_view topic_table, CommittedRow&& row) {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic_table);
  if (found == topics_.end()) return;
  Topic& topic = found->second;
  const auto held = topic.rows.find(row.partition);
  if (held == topic.rows.end()) return;
  topic.bytes += bytes_of(row);
  std::deque<CommittedRow>& rows = held->second;
  // Two threads may come here in another order than that of their commits.
  const auto place = std::upper_bound(rows.begin(), rows.end(), row.base_seq,
                                      [](std::int64_t seq, const CommittedRow& other) { return seq < other.base_seq; });
  rows.insert(place, std::move(row));
  while (topic.bytes > topic_bytes_max) {
    const auto fullest = std::max_element(topic.rows.begin(), topic.rows.end(), [](const auto& a, const auto& b) {
      return a.second.size() < b.second.size();
    });
    drop_front(topic, fullest->second);
  }
}

CommittedRow Handover::take_front(Topic& topic, std::deque<CommittedRow>& rows) {
  topic.bytes -= bytes_of(rows.front());
  CommittedRow row = std::move(rows.front());
  rows.pop_front();
  return row;
}

std::pair<Handover::Topic*, std::deque<CommittedRow>*> Handover::rows_from(std::string_view topic_table, int partition,
                                                                           std::int64_t next_seq) {
  const auto topic = topics_.find(topic_table);
  if (topic == topics_.end()) return {};
  const auto found = topic->second.rows.find(partition);
  if (found == topic->second.rows.end()) return {};
  std::deque<CommittedRow>& rows = found->second;
  while (!rows.empty() && rows.front().base_seq < next_seq) drop_front(topic->second, rows);
  return {&topic->second, &rows};
}

std::vector<CommittedRow> Handover::take(std::string_view topic_table, int partition, std::int64_t next_seq,
                                         std::size_t records_max, bool& gap) {
  std::vector<CommittedRow> taken;
  const std::lock_guard lock(mutex_);
  const auto [topic, rows] = rows_from(topic_table, partition, next_seq);
  if (rows == nullptr) return taken;
  std::size_t records = 0;
  while (!rows->empty() && rows->front().base_seq == next_seq && records < records_max) {
    taken.push_back(take_front(*topic, *rows));
    next_seq = taken.back().next_seq();
    records += taken.back().records.size();
  }
  gap = gap || (!rows->empty() && rows->front().base_seq > next_seq);
  return taken;
}

std::vector<CommittedRow> Handover::take_over_gaps(std::string_view topic_table, int partition, std::int64_t next_seq,
                                                   std::size_t records_max) {
  std::vector<CommittedRow> taken;
  const std::lock_guard lock(mutex_);
  const auto [topic, rows] = rows_from(topic_table, partition, next_seq);
  if (rows == nullptr) return taken;
  for (std::size_t records = 0; !rows->empty() && records < records_max; records += taken.back().records.size())
    taken.push_back(take_front(*topic, *rows));
  return taken;
}

}  // namespace carillon::bus
