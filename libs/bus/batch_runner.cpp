#include "bus/batch_runner.hpp"

#include <algorithm>
#include <stdexcept>

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

ConsumerMetrics::ConsumerMetrics(metrics::Registry* registry, const ConsumerSettings& settings) {
  if (registry == nullptr) return;
  const std::string topic(settings.topic.name);
  const metrics::Labels labels{{"topic", topic}, {"group", settings.group}};
  batches = registry->counter("carillon_bus_batches_total", "Committed batches", labels);
  records = registry->counter("carillon_bus_records_total", "Records by topic and direction",
                              {{"topic", topic}, {"direction", "consumed"}});
  dead_letters =
      registry->counter("carillon_bus_dead_letters_total", "Records put on the dead-letter topic", {{"topic", topic}});
  lag = registry->gauge("carillon_bus_lag_records", "Records behind the newest one, over the partitions held here",
                        labels);
}

BatchRunner::BatchRunner(Bus& bus, const Clock& clock, const ConsumerSettings& settings, Handler& handler,
                         pg::Connection& work, ConsumerMetrics& metrics)
    : bus_(bus),
      clock_(clock),
      settings_(settings),
      handler_(handler),
      work_(work),
      metrics_(metrics),
      offsets_(settings.offsets_schema, settings.group, settings.topic),
      records_max_(settings.batch_records_max) {
  if (settings.group.empty() || settings.batch_records_max == 0)
    throw std::invalid_argument("a consumer needs a group and batches of one record at least");
}

void BatchRunner::consume(Fetched& fetched, Positions& positions) {
  if (fetched.corrupt[fetched.at]) {
    dead_letter_first(fetched, positions, "CORRUPT_BATCH", "the record batch can't be decoded");
    return;
  }
  try_batch(fetched, positions, batch_size(fetched));
}

// Up to the bounds, and not past a row that can't be read.
std::size_t BatchRunner::batch_size(const Fetched& fetched) const {
  std::size_t count = 0;
  std::size_t bytes = 0;
  const std::size_t rest = fetched.records.size() - fetched.at;
  while (count < std::min(rest, records_max_) && !fetched.corrupt[fetched.at + count]) {
    bytes += bytes_of(fetched.records[fetched.at + count].record);
    if (count > 0 && bytes > settings_.batch_bytes_max) break;
    ++count;
  }
  return count;
}

void BatchRunner::try_batch(Fetched& fetched, Positions& positions, std::size_t count) {
  std::string reason;
  try {
    run_batch(fetched, positions, count);
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
  if (count > 1)
    records_max_ = count / 2;  // tried again in halves until the bad record stands first and alone
  else
    dead_letter_first(fetched, positions, "HANDLER_FAILED", reason);
}

void BatchRunner::run_batch(Fetched& fetched, Positions& positions, std::size_t count) {
  Outbox out;
  const Moves moves = moves_of(fetched, positions, count);
  {
    pg::Transaction tx(work_);
    handler_.handle(std::span<const Received>(fetched.records).subspan(fetched.at, count), tx, out);
    failpoint("bus.batch.handled");
    offsets_.advance(tx, moves);
    bus_.commit(out, tx);
  }
  failpoint("bus.batch.committed");
  passed(fetched, positions, count, moves);
  bus_.wake(out);
  for (const auto& [name, entry] : out.records()) {
    if (entry.first.table == dead_letter_topic(settings_.topic).table)
      metrics_.dead_letters.add(static_cast<double>(entry.second.size()));
  }
  try {
    handler_.committed();
  } catch (const std::exception& error) {  // the batch is durable: nothing to roll back
    log::error("bus.committed_handler_failed",
               {{"group", settings_.group}, {"topic", settings_.topic.name}, {"reason", error.what()}});
  }
}

void BatchRunner::dead_letter_first(Fetched& fetched, Positions& positions, std::string_view reason,
                                    const std::string& detail) {
  const Received& received = fetched.records[fetched.at];
  Outbox out;
  const Moves moves = moves_of(fetched, positions, 1);
  out.dead_letter(settings_.topic, received, reason, detail, clock_.now());
  {
    pg::Transaction tx(work_);
    offsets_.advance(tx, moves);
    bus_.commit(out, tx);
  }
  log::error("bus.dead_letter", {{"group", settings_.group},
                                 {"topic", settings_.topic.name},
                                 {"partition", received.partition},
                                 {"seq", received.seq},
                                 {"reason", reason},
                                 {"detail", detail}});
  metrics_.dead_letters.add();
  passed(fetched, positions, 1, moves);
  bus_.wake(out);
}

BatchRunner::Moves BatchRunner::moves_of(const Fetched& fetched, const Positions& positions, std::size_t count) const {
  Moves moves;
  for (std::size_t i = fetched.at; i < fetched.at + count; ++i) {
    const int partition = fetched.records[i].partition;
    const Position& from = positions.at(partition);
    OffsetMove& move = moves.try_emplace(partition, OffsetMove{from, from}).first->second;
    move.next = move.next.moved_to(fetched.after[i]);
  }
  return moves;
}

void BatchRunner::passed(Fetched& fetched, Positions& positions, std::size_t count, const Moves& moves) {
  for (const auto& [partition, move] : moves) positions[partition] = move.next;
  fetched.at += count;
  records_max_ = std::min(settings_.batch_records_max, records_max_ * 2);
  metrics_.batches.add();
  metrics_.records.add(static_cast<double>(count));
}

}  // namespace carillon::bus
