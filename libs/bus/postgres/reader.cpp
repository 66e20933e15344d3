#include "bus/postgres/reader.hpp"

#include <algorithm>

#include "bus/postgres/record_batch.hpp"
#include "bus/postgres/topic_statements.hpp"

namespace carillon::bus {
namespace {

void add(Fetched& out, int partition, std::int64_t seq, UtcTime published_at, Record&& record) {
  out.add({partition, seq, published_at, std::move(record), seq}, {seq + 1});
}

// A row's records from `next_seq` on.
void take_row(Fetched& out, int partition, std::int64_t base_seq, int count, UtcTime published_at,
              std::string_view bytes, std::int64_t next_seq) {
  std::vector<Record> records;
  records.reserve(static_cast<std::size_t>(std::clamp(count, 0, batch_row_records_max)));
  if (!read_record_batch(bytes, count, records)) {
    out.add({partition, base_seq, published_at, Record{"", {}, std::string(bytes)}, base_seq}, {base_seq + count},
            true);
    return;
  }
  for (int i = static_cast<int>(std::max<std::int64_t>(next_seq - base_seq, 0)); i < count; ++i) {
    add(out, partition, base_seq + i, published_at, std::move(records[static_cast<std::size_t>(i)]));
  }
}

}  // namespace

Fetched Reader::fetch(pg::Connection& connection, const std::map<int, std::int64_t>& next_seqs) {
  pg::Array partitions, offsets;
  for (const auto& [partition, next_seq] : next_seqs) {
    partitions.add(partition);
    offsets.add(next_seq);
  }
  pg::Params params;
  params.add(std::move(partitions)).add(std::move(offsets)).add(rows_max_);
  params.add(static_cast<std::int64_t>(bounds_.records_max)).add(static_cast<std::int64_t>(bounds_.bytes_max));
  const pg::BinaryRows rows = connection.run_binary(statements_of(topic_).fetch, params);
  Fetched out;
  std::map<int, int> rows_of_partition;
  for (int row = 0; row < rows.size(); ++row) {
    const int partition = static_cast<int>(rows.integer(row, 0));
    ++rows_of_partition[partition];
    take_row(out, partition, rows.integer(row, 1), static_cast<int>(rows.integer(row, 2)), rows.time(row, 3),
             rows.bytes(row, 4), next_seqs.at(partition));
  }
  int most = 0;
  for (const auto& [partition, count] : rows_of_partition) most = std::max(most, count);
  rows_max_ = std::clamp(most * 2, rows_max_start,
                         static_cast<int>(std::max<std::size_t>(bounds_.records_max, rows_max_start)));
  return out;
}

Fetched Reader::take(Handover& handover, const std::map<int, std::int64_t>& next_seqs, bool& gap) const {
  Fetched out;
  for (const auto& [partition, next_seq] : next_seqs) {
    for (CommittedRow& row : handover.take(topic_.table, partition, next_seq, bounds_.records_max, gap)) {
      for (std::size_t i = 0; i < row.records.size(); ++i)
        add(out, partition, row.base_seq + static_cast<std::int64_t>(i), row.published_at, std::move(row.records[i]));
    }
  }
  return out;
}

std::vector<std::optional<Record>> Reader::read_back(const Topic& topic, std::span<const Place> places,
                                                     pg::Transaction& tx) {
  std::vector<std::optional<Record>> found(places.size());
  if (places.empty()) return found;
  using Of = pg::BinaryArray::Of;
  pg::BinaryArray partitions(Of::INT4), seqs(Of::INT8);
  std::multimap<std::pair<int, std::int64_t>, std::size_t> wanted;
  for (std::size_t i = 0; i < places.size(); ++i) {
    partitions.add(places[i].partition);
    seqs.add(places[i].seq);
    wanted.emplace(std::pair{places[i].partition, places[i].seq}, i);
  }
  const pg::BinaryRows rows =
      tx.run_binary(statements_of(topic).read_back, pg::Params().add(std::move(partitions)).add(std::move(seqs)));
  for (int row = 0; row < rows.size(); ++row) {
    const int partition = static_cast<int>(rows.integer(row, 0));
    const std::int64_t base_seq = rows.integer(row, 1);
    const auto count = static_cast<int>(rows.integer(row, 2));
    std::vector<Record> records;
    if (!read_record_batch(rows.bytes(row, 4), count, records)) continue;
    const auto from = wanted.lower_bound({partition, base_seq});
    const auto to = wanted.lower_bound({partition, base_seq + count});
    for (auto at = from; at != to; ++at)
      found[at->second] = records[static_cast<std::size_t>(at->first.second - base_seq)];
  }
  return found;
}

std::map<int, std::int64_t> Reader::heads(pg::Connection& connection, const std::vector<int>& partitions) {
  pg::Array column;
  for (const int partition : partitions) column.add(partition);
  const pg::BinaryRows rows = connection.run_binary(statements_of(topic_).heads, pg::Params().add(std::move(column)));
  std::map<int, std::int64_t> heads;
  for (int row = 0; row < rows.size(); ++row) heads[static_cast<int>(rows.integer(row, 0))] = rows.integer(row, 1);
  return heads;
}

}  // namespace carillon::bus
