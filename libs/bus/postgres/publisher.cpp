#include "bus/postgres/publisher.hpp"

#include <set>
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

void append(const Topic& topic, std::vector<Row>& rows, int partitions, pg::Transaction& tx, Outbox& out) {
  std::size_t at = 0;
  while (at < rows.size()) {
    const std::size_t first = at;
    using Of = pg::BinaryArray::Of;
    pg::BinaryArray partition_column(Of::INT4), preceding_column(Of::INT4), count_column(Of::INT4),
        batch_column(Of::BYTEA);
    std::vector<int> preceding(static_cast<std::size_t>(partitions), 0);
    std::size_t bytes = 0;
    for (std::size_t i = at; i < rows.size() && bytes < statement_bytes_max; ++i) bytes += rows[i].bytes.size();
    batch_column.reserve_bytes(bytes + (rows.size() - at) * sizeof(std::uint32_t));
    bytes = 0;
    for (; at < rows.size() && bytes < statement_bytes_max; ++at) {
      const Row& row = rows[at];
      int& before = preceding[static_cast<std::size_t>(row.partition)];
      partition_column.add(row.partition);
      preceding_column.add(before);
      count_column.add(row.records);
      batch_column.add(std::string_view{row.bytes});
      before += row.records;
      bytes += row.bytes.size();
    }
    pg::Params params;
    params.add(std::move(partition_column))
        .add(std::move(preceding_column))
        .add(std::move(count_column))
        .add(std::move(batch_column));
    const pg::BinaryRows placed = tx.run_binary(statements_of(topic).append, params);
    for (int i = 0; i < placed.size(); ++i) {  // in the order inserted
      out.note_placed({topic.name, static_cast<int>(placed.integer(i, 0)), placed.integer(i, 1), placed.time(i, 2),
                       std::move(rows[first + static_cast<std::size_t>(i)].positions)});
    }
  }
}

}  // namespace

void Publisher::flush(Outbox& out, pg::Transaction& tx) {
  if (out.empty()) return;
  std::vector<std::pair<Topic, std::vector<Row>>> work;
  pg::Array keys, partitions;
  for (const auto& [name, entry] : out.records()) {
    const auto& [topic, records] = entry;
    auto& [work_topic, rows] = work.emplace_back(topic, rows_of(records, partitions_, next_without_key_));
    std::set<int> concerned;
    for (const Row& row : rows) concerned.insert(row.partition);
    for (const int partition : concerned) {
      keys.add(publish_lock_key(work_topic));
      partitions.add(partition);
    }
  }
  tx.run(bus_sql::take_publish_locks, pg::Params().add(std::move(keys)).add(std::move(partitions)));
  for (auto& [topic, rows] : work) append(topic, rows, partitions_, tx, out);
}

}  // namespace carillon::bus
