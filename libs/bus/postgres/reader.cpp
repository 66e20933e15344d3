#include "bus/postgres/reader.hpp"

#include <algorithm>
#include <limits>

#include "bus/postgres/record_batch.hpp"
#include "bus/postgres/topic_statements.hpp"

namespace carillon::bus {
namespace {

void add(Fetched& out, int partition, std::int64_t seq, UtcTime published_at, Record&& record) {
  out.add({partition, seq, published_at, std::move(record), seq}, {seq + 1});
}

void add_row(Fetched& out, CommittedRow&& row) {
  for (std::size_t i = 0; i < row.records.size(); ++i)
    add(out, row.partition, row.base_seq + static_cast<std::int64_t>(i), row.published_at, std::move(row.records[i]));
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

// Whether there may be more of a partition than these rows.
bool is_cut(const pg::BinaryRows& rows, const std::vector<int>& of_partition, int rows_max, const FetchBounds& bounds) {
  std::size_t records = 0, bytes = 0;
  for (const int row : of_partition) {
    records += static_cast<std::size_t>(rows.integer(row, 2));
    bytes += rows.bytes(row, 4).size();
  }
  return static_cast<int>(of_partition.size()) >= rows_max || records >= bounds.records_max ||
         bytes >= bounds.bytes_max;
}

// One partition's rows of the table, and between them those of `handed`. What comes behind the end of the table's
// answer stays there.
void merge(Fetched& out, const pg::BinaryRows& rows, const std::vector<int>& of_partition,
           std::vector<CommittedRow>& handed, std::int64_t next_seq) {
  auto given = handed.begin();
  std::int64_t at = given == handed.end() ? next_seq : given->base_seq;  // what is before it, the table has given
  const auto give_before = [&](std::int64_t seq) {
    for (; given != handed.end() && given->base_seq < seq && given->base_seq == at; ++given) {
      at = given->next_seq();
      add_row(out, std::move(*given));
    }
  };
  for (const int row : of_partition) {
    const std::int64_t base_seq = rows.integer(row, 1);
    const auto count = static_cast<int>(rows.integer(row, 2));
    give_before(base_seq);
    take_row(out, static_cast<int>(rows.integer(row, 0)), base_seq, count, rows.time(row, 3), rows.bytes(row, 4),
             next_seq);
    at = base_seq + count;
  }
  give_before(std::numeric_limits<std::int64_t>::max());
  handed.erase(handed.begin(), given);
}

}  // namespace

Fetched Reader::fetch(pg::Connection& connection, const std::map<int, std::int64_t>& next_seqs) {
  Rows none;
  return fetch_around(connection, none, next_seqs);
}

Fetched Reader::fetch(pg::Connection& connection, Handover& handover, const std::map<int, std::int64_t>& next_seqs) {
  Rows handed;
  for (const auto& [partition, next_seq] : next_seqs)
    handed[partition] = handover.take_over_gaps(topic_.table, partition, next_seq, bounds_.records_max);
  Fetched out = fetch_around(connection, handed, next_seqs);
  for (auto& [partition, rows] : handed) {
    for (CommittedRow& row : rows) handover.put(topic_.table, std::move(row));
  }
  return out;
}

Fetched Reader::fetch_around(pg::Connection& connection, Rows& handed, const std::map<int, std::int64_t>& next_seqs) {
  pg::Array partitions, offsets, handed_partitions, handed_seqs;
  for (const auto& [partition, next_seq] : next_seqs) {
    partitions.add(partition);
    offsets.add(next_seq);
  }
  for (const auto& [partition, rows] : handed) {
    for (const CommittedRow& row : rows) {
      handed_partitions.add(partition);
      handed_seqs.add(row.base_seq);
    }
  }
  pg::Params params;
  params.add(std::move(partitions)).add(std::move(offsets)).add(rows_max_);
  params.add(static_cast<std::int64_t>(bounds_.records_max)).add(static_cast<std::int64_t>(bounds_.bytes_max));
  params.add(std::move(handed_partitions)).add(std::move(handed_seqs));
  const pg::BinaryRows rows = connection.run_binary(statements_of(topic_).fetch, params);
  std::map<int, std::vector<int>> rows_of_partition;
  for (int row = 0; row < rows.size(); ++row) rows_of_partition[static_cast<int>(rows.integer(row, 0))].push_back(row);
  Fetched out;
  std::size_t most = 0;
  for (const auto& [partition, next_seq] : next_seqs) {
    const std::vector<int>& of_partition = rows_of_partition[partition];
    out.cut = out.cut || is_cut(rows, of_partition, rows_max_, bounds_);
    merge(out, rows, of_partition, handed[partition], next_seq);
    most = std::max(most, of_partition.size());
  }
  rows_max_ = static_cast<int>(
      std::clamp<std::size_t>(most * 2, rows_max_start, std::max<std::size_t>(bounds_.records_max, rows_max_start)));
  return out;
}

Fetched Reader::take(Handover& handover, const std::map<int, std::int64_t>& next_seqs, bool& gap) const {
  Fetched out;
  for (const auto& [partition, next_seq] : next_seqs) {
    for (CommittedRow& row : handover.take(topic_.table, partition, next_seq, bounds_.records_max, gap))
      add_row(out, std::move(row));
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
