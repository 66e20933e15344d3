#include "bus/postgres/publisher.hpp"

#include <deque>
#include <set>
#include <span>
#include <vector>

#include "bus/postgres/record_batch.hpp"
#include "bus/postgres/topic_statements.hpp"
#include "bus_sql.hpp"

namespace carillon::bus {
namespace {

constexpr std::size_t statement_bytes_max = 32U << 20;

struct Row {
  int partition;
  int records;
  std::string bytes;
  std::vector<std::uint32_t> positions;  // of its records in the outbox
};

// Rows in an order that keeps each partition's own.
std::vector<Row> rows_of(const std::vector<Record>& records, int partitions,
                         std::atomic<std::uint32_t>& next_without_key) {
  std::vector<RecordBatchWriter> writers(static_cast<std::size_t>(partitions));
  std::vector<std::vector<std::uint32_t>> positions(static_cast<std::size_t>(partitions));
  std::size_t bytes = 0;
  for (const Record& record : records) bytes += bytes_bound(record);
  for (RecordBatchWriter& writer : writers) writer.reserve(bytes / writers.size() * 5 / 4);  // keys spread about evenly
  std::vector<Row> rows;
  const auto finish = [&](int partition) {
    RecordBatchWriter& writer = writers[static_cast<std::size_t>(partition)];
    const int count = writer.records();
    if (count > 0)
      rows.push_back(
          {partition, count, writer.take(), std::exchange(positions[static_cast<std::size_t>(partition)], {})});
  };
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    const int partition = record.key.empty()
                              ? static_cast<int>(next_without_key++ % static_cast<std::uint32_t>(partitions))
                              : partition_of(record.key, partitions);
    if (!writers[static_cast<std::size_t>(partition)].add(record)) {
      finish(partition);
      writers[static_cast<std::size_t>(partition)].add(record);
    }
    positions[static_cast<std::size_t>(partition)].push_back(i);
  }
  for (int partition = 0; partition < partitions; ++partition) finish(partition);
  return rows;
}

// One INSERT of rows of one topic.
struct Append {
  const Topic& topic;
  std::span<Row> rows;
  pg::Params params;
};

// Of the next rows as many as one statement takes.
Append append_of(const Topic& topic, std::span<Row> rows, std::vector<int>& preceding) {
  using Of = pg::BinaryArray::Of;
  std::size_t count = 0, bytes = 0;
  for (; count < rows.size() && bytes < statement_bytes_max; ++count) bytes += rows[count].bytes.size();
  rows = rows.first(count);
  pg::BinaryArray partitions(Of::INT4), places(Of::INT4), counts(Of::INT4), batches(Of::BYTEA);
  batches.reserve_bytes(bytes + rows.size() * sizeof(std::uint32_t));
  for (const Row& row : rows) {
    int& before = preceding[static_cast<std::size_t>(row.partition)];
    partitions.add(row.partition);
    places.add(before);
    counts.add(row.records);
    batches.add(row.bytes);
    before += row.records;
  }
  pg::Params params;
  params.add(std::move(partitions)).add(std::move(places)).add(std::move(counts)).add(std::move(batches));
  return {topic, rows, std::move(params)};
}

// `preceding` counts from the newest row in the table, and each statement sees the rows of those before it.
std::vector<Append> appends_of(const Topic& topic, std::span<Row> rows, int partitions) {
  std::vector<Append> appends;
  while (!rows.empty()) {
    std::vector<int> preceding(static_cast<std::size_t>(partitions), 0);
    appends.push_back(append_of(topic, rows, preceding));
    rows = rows.subspan(appends.back().rows.size());
  }
  return appends;
}

}  // namespace

void Publisher::publish(Outbox& out, pg::Transaction& tx, bool commit) {
  std::deque<std::vector<Row>> rows_of_topics;
  std::vector<Append> appends;
  pg::Array keys, partitions;
  for (const auto& [name, entry] : out.records()) {
    const auto& [topic, records] = entry;
    std::vector<Row>& rows = rows_of_topics.emplace_back(rows_of(records, partitions_, next_without_key_));
    std::set<int> concerned;
    for (const Row& row : rows) concerned.insert(row.partition);
    for (const int partition : concerned) {
      keys.add(publish_lock_key(topic));
      partitions.add(partition);
    }
    for (Append& append : appends_of(topic, rows, partitions_)) appends.push_back(std::move(append));
  }
  pg::Params locks;
  locks.add(std::move(keys)).add(std::move(partitions));
  std::vector<pg::Statement> statements{{bus_sql::take_publish_locks, locks}};
  for (const Append& append : appends) statements.push_back({statements_of(append.topic).append, append.params});
  const std::vector<pg::BinaryRows> placed = commit ? tx.commit_with(statements) : tx.run_together(statements);
  for (std::size_t i = 0; i < appends.size(); ++i) {
    for (int row = 0; row < placed[i + 1].size(); ++row) {  // in the order inserted
      out.note_placed({appends[i].topic.name, static_cast<int>(placed[i + 1].integer(row, 0)),
                       placed[i + 1].integer(row, 1), placed[i + 1].time(row, 2),
                       std::move(appends[i].rows[static_cast<std::size_t>(row)].positions)});
    }
  }
}

}  // namespace carillon::bus
