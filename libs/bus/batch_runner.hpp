// Takes what an engine has read through a handler, the same way on every engine: handle, move the offsets, publish,
// commit; and searches for the record that can't be handled. One thread, the consumer's.
#pragma once
#include <cstddef>
#include <map>
#include <string>

#include "bus/bus.hpp"
#include "bus/fetched.hpp"
#include "bus/offsets.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::bus {

// Of one topic and group; without a registry they count nowhere.
struct ConsumerMetrics {
  ConsumerMetrics(metrics::Registry* registry, const ConsumerSettings& settings);
  metrics::Counter batches, records, dead_letters;
  metrics::Gauge lag;
};

class BatchRunner {
 public:
  // All must outlive it. `work` is the connection of the batches' transactions.
  BatchRunner(Bus& bus, const Clock& clock, const ConsumerSettings& settings, Handler& handler, pg::Connection& work,
              ConsumerMetrics& metrics);

  Offsets& offsets() { return offsets_; }
  // Consumes the first of what is left in `fetched`, within the settings' bounds, and moves `fetched.at` and
  // `positions`; nothing when the try has only narrowed the search for a bad record. Throws pg::Unavailable,
  // pg::Conflict (OffsetsMoved among them) and faults of the deployment: the batch was rolled back, or its outcome is
  // unknown, and the positions have to be read again.
  void consume(Fetched& fetched, Positions& positions);

 private:
  using Moves = std::map<int, OffsetMove>;
  std::size_t batch_size(const Fetched& fetched) const;
  void try_batch(Fetched& fetched, Positions& positions, std::size_t count);
  void run_batch(Fetched& fetched, Positions& positions, std::size_t count);
  void dead_letter_first(Fetched& fetched, Positions& positions, std::string_view reason, const std::string& detail);
  Moves moves_of(const Fetched& fetched, const Positions& positions, std::size_t count) const;
  void passed(Fetched& fetched, Positions& positions, std::size_t count, const Moves& moves);

  Bus& bus_;
  const Clock& clock_;
  const ConsumerSettings& settings_;
  Handler& handler_;
  pg::Connection& work_;
  ConsumerMetrics& metrics_;
  Offsets offsets_;
  std::size_t records_max_;  // smaller than the setting while a bad record is searched for
};

}  // namespace carillon::bus
