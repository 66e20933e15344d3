// One batch of a consumer: handle, move the offsets, publish, commit; and the search for a record that can't be
// handled.
#include <algorithm>

#include "bus/postgres/consumer.hpp"
#include "bus/postgres/engine.hpp"
#include "postgres/errors.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"

namespace carillon::bus {
namespace {

// Failures of a statement that say something about the deployment (grants, migrations, a damaged disk), not about a
// record.
bool is_deployment_fault(const pg::StatementError& error) {
  const std::string& state = error.sqlstate;
  return state == "42501" || state == "42P01" || state == "42703" || state == "42883" || state == "3F000" ||
         state.starts_with("XX") || state.starts_with("28") || state.starts_with("F0") || state.starts_with("25");
}

std::size_t bytes_of(const Record& record) {
  return record.key.size() + record.value.size();
}

}  // namespace

void PostgresConsumer::consume() {
  if (fetched_.corrupt[at_]) {
    dead_letter_first("CORRUPT_BATCH", "the record batch can't be decoded");
    return;
  }
  try_batch(batch_size());
}

// Up to the bounds, and not past a row that can't be read.
std::size_t PostgresConsumer::batch_size() const {
  std::size_t count = 0;
  std::size_t bytes = 0;
  const std::size_t rest = fetched_.records.size() - at_;
  while (count < std::min(rest, records_max_) && !fetched_.corrupt[at_ + count]) {
    bytes += bytes_of(fetched_.records[at_ + count].record);
    if (count > 0 && bytes > settings_.batch_bytes_max) break;
    ++count;
  }
  return count;
}

void PostgresConsumer::try_batch(std::size_t count) {
  std::string reason;
  try {
    run_batch(count);
    return;
  } catch (const pg::Unavailable&) {
    handler_.rolled_back();
    throw;
  } catch (const pg::Conflict&) {
    handler_.rolled_back();
    throw;
  } catch (const pg::StatementError& error) {
    if (is_deployment_fault(error)) {
      handler_.rolled_back();
      throw;
    }
    reason = error.what();
  } catch (const std::exception& error) {
    reason = error.what();
  } catch (...) {
    reason = "an exception without a text";
  }
  handler_.rolled_back();
  split(count, reason);
}

void PostgresConsumer::run_batch(std::size_t count) {
  Outbox out;
  std::map<int, OffsetMove> moves;
  {
    pg::Transaction tx(work_);
    handler_.handle(std::span<const Received>(fetched_.records).subspan(at_, count), tx, out);
    failpoint("bus.batch.handled");
    advance_offsets(tx, count, moves);
    bus_.commit(out, tx);
  }
  failpoint("bus.batch.committed");
  passed(count, moves);
  bus_.wake(out);
  for (const auto& [name, entry] : out.records()) {
    if (entry.first.table == dead_letter_topic(settings_.topic).table)
      dead_letters_.add(static_cast<double>(entry.second.size()));
  }
  try {
    handler_.committed();
  } catch (const std::exception& error) {  // the batch is durable: nothing to roll back
    log::error("bus.committed_handler_failed",
               {{"group", settings_.group}, {"topic", settings_.topic.name}, {"reason", error.what()}});
  }
}

// A failing batch is tried again in halves until the bad record stands first and alone.
void PostgresConsumer::split(std::size_t count, const std::string& reason) {
  if (count > 1) {
    records_max_ = count / 2;
    return;
  }
  dead_letter_first("HANDLER_FAILED", reason);
}

void PostgresConsumer::dead_letter_first(std::string_view reason, const std::string& detail) {
  const Received& received = fetched_.records[at_];
  Outbox out;
  std::map<int, OffsetMove> moves;
  out.dead_letter(settings_.topic, received, reason, detail, bus_.clock().now());
  {
    pg::Transaction tx(work_);
    advance_offsets(tx, 1, moves);
    bus_.flush(out, tx);
    tx.commit();
  }
  log::error("bus.dead_letter", {{"group", settings_.group},
                                 {"topic", settings_.topic.name},
                                 {"partition", received.partition},
                                 {"seq", received.seq},
                                 {"reason", reason},
                                 {"detail", detail}});
  dead_letters_.add();
  passed(1, moves);
  bus_.wake(out);
}

void PostgresConsumer::advance_offsets(pg::Transaction& tx, std::size_t count, std::map<int, OffsetMove>& moves) {
  for (std::size_t i = at_; i < at_ + count; ++i) {
    const int partition = fetched_.records[i].partition;
    moves.try_emplace(partition, OffsetMove{next_seqs_.at(partition), 0}).first->second.next = fetched_.next_seqs[i];
  }
  if (offsets_.advance(tx, moves)) return;
  session_.close();  // and with it the leases, which somebody else must have by now
  throw pg::Conflict("the offsets of " + settings_.group + " have moved: another instance has taken the partition");
}

void PostgresConsumer::passed(std::size_t count, const std::map<int, OffsetMove>& moves) {
  for (const auto& [partition, move] : moves) next_seqs_[partition] = move.next;
  at_ += count;
  records_max_ = std::min(settings_.batch_records_max, records_max_ * 2);
  batches_.add();
  records_.add(static_cast<double>(count));
}

}  // namespace carillon::bus
