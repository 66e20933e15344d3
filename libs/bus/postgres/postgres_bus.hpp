// Engine `postgres`: topics are time-partitioned tables in schema `bus`; each row is one record batch of one partition
// (see docs/adr), consumers read the tables directly, partitions are leased by session advisory locks.
#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "bus/bus.hpp"
#include "postgres/migrate.hpp"
#include "time/clock.hpp"

namespace carillon::metrics {
class Registry;
}

namespace carillon::bus {

class Handover;

// Wake-ups of one process: consumers wait on it, publishers ring it, and one thread with one connection carries rings
// to other processes (one NOTIFY at most every 5 ms) and theirs to us. Shared by every PostgresBus of the process, as
// is the hand-over of what was just committed.
class Bell {
 public:
  enum class Hearers { ALL, HERE };
  explicit Bell(pg::ConnectionSettings settings);
  ~Bell();
  // To other processes a moment later, and only while some listen.
  void ring(const Topic& topic, Hearers hearers = Hearers::ALL);
  // Returns when the topic was rung after `seen`, or after `wait`; the new count of rings.
  std::uint64_t wait(std::string_view topic_table, std::uint64_t seen, std::chrono::milliseconds wait);
  std::uint64_t rings_from_others(std::string_view topic_table) const;  // how often other processes rang it
  // The same for whoever waits for all topics; nudge() wakes only those.
  std::uint64_t wait_for_any(std::uint64_t seen, std::chrono::milliseconds wait);
  void nudge();
  void wake_all();  // for stopping
  Handover& handover();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct PostgresBusSettings {
  pg::ConnectionSettings connection;  // with the service's role
  int partitions = 4;  // per topic; fixed when the schema is first made (table bus.settings), a mismatch is refused
  std::chrono::hours retention{72};
  // A process that can't reach the database, or is stopped, loses its partitions after this time.
  std::chrono::milliseconds lease_timeout{10'000};
  metrics::Registry* metrics = nullptr;  // must outlive the bus
  // On Kafka nobody reads a partition's rows but the relay in charge of it; when that is ours, others need not hear.
  bool relayed = false;
};

// Throws std::runtime_error when the database was set up with another number of partitions. A database that can't be
// asked now is asked again later; until then publishing is pg::Unavailable and consumers wait.
std::unique_ptr<Bus> make_postgres_bus(PostgresBusSettings settings, Bell& bell, const Clock& clock);

// Schema `bus`: tables, maintenance function, grants. `role_writes`/`role_reads` per service are granted by
// grant_topics.
pg::Schema bus_schema();
// Grants role INSERT (and what reading the head needs) on the tables it writes, SELECT on those it reads.
void grant_topics(pg::Connection& owner, const std::string& role, std::span<const Topic> writes,
                  std::span<const Topic> reads);
// Creates the time partitions of the next days and drops whole ones past retention (dead letters: 30 days at least)
// that every consumer has passed, and of a state topic the owner (bus/republisher.hpp). Idempotent, safe from several
// processes; call at start and hourly.
void maintain_bus(pg::Connection& connection, std::chrono::hours retention);

}  // namespace carillon::bus
