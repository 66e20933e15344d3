#include "bus/offsets.hpp"

#include <stdexcept>

namespace carillon::bus {

Offsets::Offsets(const std::string& schema, std::string consumer, const Topic& topic)
    : consumer_(std::move(consumer)), topic_(topic.name) {
  if (schema.empty() || schema.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos) {
    throw std::invalid_argument("offsets_schema is not a plain schema name: " + schema);
  }
  const std::string table = schema + ".bus_offsets";
  ensure_name_ = "bus_offsets_ensure_" + schema;
  ensure_text_ =
      "INSERT INTO " + table +
      " (consumer, topic, partition, next_seq) SELECT $1, $2, p, 0 FROM generate_series(0, $3::int - 1) AS p "
      "ON CONFLICT DO NOTHING";
  read_name_ = "bus_offsets_read_" + schema;
  read_text_ = "SELECT partition, next_seq, next_offset FROM " + table +
               " WHERE consumer = $1 AND topic = $2 AND partition = ANY ($3::int[])";
  advance_name_ = "bus_offsets_advance_" + schema;
  advance_text_ =
      "UPDATE " + table +
      " o SET next_seq = m.next_seq, next_offset = m.next_offset "
      "FROM unnest($3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]) "
      "AS m(partition, expected_seq, expected_offset, next_seq, next_offset) "
      "WHERE o.consumer = $1 AND o.topic = $2 AND o.partition = m.partition AND o.next_seq = m.expected_seq "
      "AND o.next_offset = m.expected_offset";
}

void Offsets::ensure(pg::Connection& connection, int partitions) {
  connection.run(query(ensure_name_, ensure_text_), pg::Params().add(consumer_).add(topic_).add(partitions));
}

Positions Offsets::read(pg::Connection& connection, const std::set<int>& partitions) {
  pg::Array wanted;
  for (const int partition : partitions) wanted.add(partition);
  Positions positions;
  for (const auto& row :
       connection.run(query(read_name_, read_text_), pg::Params().add(consumer_).add(topic_).add(std::move(wanted)))) {
    positions[row[0].as<int>()] = {row[1].as<std::int64_t>(), row[2].as<std::int64_t>()};
  }
  return positions;
}

void Offsets::advance(pg::Transaction& tx, const std::map<int, OffsetMove>& moves) {
  pg::Array partitions, expected_seqs, expected_offsets, next_seqs, next_offsets;
  for (const auto& [partition, move] : moves) {
    partitions.add(partition);
    expected_seqs.add(move.expected.next_seq);
    expected_offsets.add(move.expected.next_offset);
    next_seqs.add(move.next.next_seq);
    next_offsets.add(move.next.next_offset);
  }
  pg::Params params;
  params.add(consumer_).add(topic_).add(std::move(partitions)).add(std::move(expected_seqs));
  params.add(std::move(expected_offsets)).add(std::move(next_seqs)).add(std::move(next_offsets));
  if (tx.run(query(advance_name_, advance_text_), params).affected_rows() == moves.size()) return;
  throw OffsetsMoved("the offsets of " + consumer_ + " have moved: another instance has taken the partition");
}

}  // namespace carillon::bus
