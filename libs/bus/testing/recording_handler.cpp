#include "bus/testing/recording_handler.hpp"

#include <chrono>

#include "bus/testing/harness.hpp"

namespace carillon::bus::testing {
namespace {

constexpr std::chrono::seconds record_wait_limit{30};
constexpr pg::Query record_seen{"conformance_record_seen",
                                "WITH rows AS (INSERT INTO conformance.seen (key, n, partition, seq, by_whom) "
                                "SELECT * FROM unnest($1::bytea[], $2::int[], $3::int[], $4::bigint[], $5::text[])) "
                                "SELECT pg_notify('conformance', '')"};

}  // namespace

const char* const conformance_tables =
    "CREATE TABLE bus_offsets (consumer text NOT NULL, topic text NOT NULL, partition integer NOT NULL, next_seq "
    "bigint NOT NULL, "
    "next_offset bigint NOT NULL DEFAULT -1, PRIMARY KEY (consumer, topic, partition));"
    "CREATE TABLE seen (at bigserial PRIMARY KEY, key bytea NOT NULL, n int NOT NULL, partition int NOT NULL, seq "
    "bigint NOT NULL, "
    "by_whom text NOT NULL);";

void RecordingHandler::handle(std::span<const Received> batch, pg::Transaction& tx, Outbox& out) {
  if (before) before(batch, tx, out);
  pg::Array keys, numbers, partitions, seqs, names;
  for (const Received& received : batch) {
    keys.add_bytes(received.record.key);
    const std::string_view n = header(received.record.headers, "n");
    numbers.add(n.empty() ? 0 : std::stoi(std::string(n)));
    partitions.add(received.partition);
    seqs.add(received.seq);
    names.add(name_);
  }
  pg::Params params;
  params.add(std::move(keys))
      .add(std::move(numbers))
      .add(std::move(partitions))
      .add(std::move(seqs))
      .add(std::move(names));
  tx.run(record_seen, params);
  const std::lock_guard lock(mutex_);
  pending_ = batch.size();
}

void RecordingHandler::committed() {
  const std::lock_guard lock(mutex_);
  committed_ += std::exchange(pending_, 0);
  ++batches_;
  changed_.notify_all();
}

void RecordingHandler::rolled_back() {
  const std::lock_guard lock(mutex_);
  pending_ = 0;
  ++rollbacks_;
  changed_.notify_all();
}

void RecordingHandler::tick() {
  const std::lock_guard lock(mutex_);
  ++ticks_;
  changed_.notify_all();
}

bool RecordingHandler::wait(const std::size_t& counter, std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, record_wait_limit, [&] { return counter >= count; });
}

bool RecordingHandler::wait_committed_records(std::size_t count) {
  return wait(committed_, count);
}
bool RecordingHandler::wait_ticks(std::size_t count) {
  return wait(ticks_, count);
}
bool RecordingHandler::wait_rollbacks(std::size_t count) {
  return wait(rollbacks_, count);
}

std::size_t RecordingHandler::batches() const {
  const std::lock_guard lock(mutex_);
  return batches_;
}

}  // namespace carillon::bus::testing
