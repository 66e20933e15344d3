#include "bus/republisher.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bus/postgres/topic_statements.hpp"
#include "bus_sql.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::bus {
namespace {

constexpr FetchBounds read_bounds{500, 2U << 20};  // of one transaction that publishes again, too
constexpr std::chrono::hours look_interval{1};
constexpr std::chrono::minutes retry_interval{1};   // the day is kept meanwhile
constexpr const char* state_owner = "state owner";  // its name among consumers; bus.day_kept_for asks for it
constexpr const char* lock_group = "republish";

// The seq behind the last record of what becomes too old within a day, by partition; never of today.
constexpr const char* due_sql = R"(
SELECT partition, max(base_seq + record_count) AS next_seq FROM bus.{}
WHERE published_at < date_trunc('day', now() - greatest(make_interval(hours => $1) - interval '1 day', interval '0'), 'UTC')
GROUP BY partition)";

// One instance at a time; free when the session ends, whatever ends it.
class TopicLock {
 public:
  TopicLock(pg::Connection& session, const Topic& topic)
      : session_(session),
        key_(group_lock_key(lock_group, topic)),
        taken_(session.run(bus_sql::try_topic_lock, pg::Params().add(key_))[0][0].as<bool>()) {}
  ~TopicLock() {
    if (!taken_) return;
    try {
      session_.run(bus_sql::give_back_topic_lock, pg::Params().add(key_));
    } catch (const std::exception&) {
      session_.close();
    }
  }
  TopicLock(const TopicLock&) = delete;
  TopicLock& operator=(const TopicLock&) = delete;
  bool taken() const { return taken_; }

 private:
  pg::Connection& session_;
  const std::int64_t key_;
  const bool taken_;
};

}  // namespace

Republisher::Republisher(Bus& bus, RepublisherSettings settings)
    : bus_(bus),
      settings_(std::move(settings)),
      due_name_(fmt::format("bus_due_{}", settings_.topic.table)),
      due_text_(fmt::format(fmt::runtime(due_sql), settings_.topic.table)),
      work_(settings_.connection),
      table_(pg::for_repeated_statements(settings_.connection)),
      offsets_(settings_.offsets_schema, state_owner, settings_.topic),
      reader_(settings_.topic, read_bounds) {}

void Republisher::start() {
  if (thread_.joinable()) return;
  pause_.start();
  thread_ = std::thread([this] { run(); });
}

void Republisher::stop() {
  if (!thread_.joinable()) return;
  pause_.stop();
  thread_.join();
}

void Republisher::run() {
  name_this_thread("r:" + std::string(settings_.topic.table));
  while (!pause_.stopped()) {
    bool done = false;
    try {
      look();
      done = true;
    } catch (const std::exception& error) {
      if (!pause_.stopped())
        log::warn("bus.republish_failed", {{"topic", settings_.topic.name}, {"reason", error.what()}});
    }
    work_.close();
    table_.close();
    pause_.wait_for(done ? look_interval : retry_interval);
  }
}

std::size_t Republisher::look() {
  offsets_.ensure(work_, bus_.partitions());
  if (due().empty()) return 0;
  const TopicLock lock(work_, settings_.topic);
  if (!lock.taken()) return 0;
  std::size_t records = 0;
  for (const auto& [partition, move] : due()) {  // again: somebody may just have done it
    records += republish(partition, move.next.next_seq);
    pg::Transaction tx(work_);
    offsets_.advance(tx, {{partition, move}});
    tx.commit();
  }
  if (records > 0) log::info("bus.republished", {{"topic", settings_.topic.name}, {"records", records}});
  return records;
}

// What is to be left behind, as moves of the owner's place.
std::map<int, OffsetMove> Republisher::due() {
  const pg::Query query{due_name_.c_str(), due_text_.c_str()};
  const auto hours = static_cast<std::int64_t>(settings_.retention.count());
  std::map<int, std::int64_t> ends;
  for (const auto& row : work_.run(query, pg::Params().add(hours))) ends[row[0].as<int>()] = row[1].as<std::int64_t>();
  std::set<int> partitions;
  for (const auto& [partition, end] : ends) partitions.insert(partition);
  std::map<int, OffsetMove> moves;
  for (const auto& [partition, position] : offsets_.read(work_, partitions))
    if (position.next_seq < ends.at(partition))
      moves[partition] = {position, {ends.at(partition), position.next_offset}};
  return moves;
}

// Twice through the partition: first which record is each key's latest, then those of them that would go.
std::size_t Republisher::republish(int partition, std::int64_t before_seq) {
  Latest latest{partition};
  read_on(latest);
  std::size_t published = 0;
  for (std::int64_t at = 0; at < before_seq && !pause_.stopped();) {
    Fetched page = reader_.fetch(table_, {{partition, at}});
    if (page.empty()) break;
    at = page.after.back().next_seq;
    std::vector<Received> kept;
    for (std::size_t i = 0; i < page.records.size(); ++i) {
      Received& one = page.records[i];
      if (page.corrupt[i] || one.seq >= before_seq || one.record.key.empty()) continue;  // nobody reads the first
      if (latest.seqs.at(one.record.key) == one.seq) kept.push_back(std::move(one));
    }
    if (!kept.empty()) published += publish_again(std::move(kept), latest);
  }
  if (pause_.stopped()) throw pg::Unavailable("stopping");  // the place stays where it is
  return published;
}

void Republisher::read_on(Latest& latest) {
  while (true) {
    const Fetched page = reader_.fetch(table_, {{latest.partition, latest.next_seq}});
    if (page.empty()) return;
    for (std::size_t i = 0; i < page.records.size(); ++i)
      if (!page.corrupt[i]) latest.seqs[page.records[i].record.key] = page.records[i].seq;
    latest.next_seq = page.after.back().next_seq;
  }
}

// With the partition's publishers held back for a moment, so that what has come meanwhile is seen: a record is
// published again only while it is still its key's latest, and none comes behind a newer one.
std::size_t Republisher::publish_again(std::vector<Received> records, Latest& latest) {
  pg::Array keys, partitions;
  keys.add(publish_lock_key(settings_.topic));
  partitions.add(latest.partition);
  pg::Transaction tx(work_);
  tx.run(bus_sql::take_publish_locks, pg::Params().add(std::move(keys)).add(std::move(partitions)));
  read_on(latest);
  Outbox out;
  std::size_t published = 0;
  for (Received& one : records) {
    if (latest.seqs.at(one.record.key) != one.seq) continue;
    out.publish(settings_.topic, std::move(one.record));
    ++published;
  }
  bus_.commit(out, tx);
  bus_.wake(out);
  return published;
}

}  // namespace carillon::bus
