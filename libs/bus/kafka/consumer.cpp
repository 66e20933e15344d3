#include "bus/kafka/consumer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bus/kafka/engine.hpp"
#include "bus/postgres/reader.hpp"
#include "postgres/errors.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::bus {
namespace {

using kafka::Verdict;
using std::chrono::milliseconds;

constexpr milliseconds kafka_unhealthy_after{10'000};
constexpr milliseconds look_interval{2'000};
constexpr milliseconds missing_max{30'000};  // a relay in charge sends what is missing long before
constexpr milliseconds poll_max{100};        // stopping waits this long
constexpr int standstill_looks_max = 3;      // 4 to 6 s
constexpr int standstill_looks_most = 150;   // 5 min
constexpr std::int64_t first_seq = 1;

pg::ConnectionSettings kafka_work_settings(const PostgresBus& tables, const ConsumerSettings& consumer) {
  pg::ConnectionSettings settings = pg::for_repeated_statements(tables.settings().connection);
  settings.application_name += " consumer " + consumer.group;
  if (!consumer.wait_for_disk) settings.options += " -c synchronous_commit=off";
  return settings;
}

}  // namespace

KafkaConsumer::KafkaConsumer(KafkaBus& bus, ConsumerSettings settings, Handler& handler)
    : bus_(bus),
      settings_(std::move(settings)),
      handler_(handler),
      work_(kafka_work_settings(bus.tables(), settings_)),
      metrics_(bus.tables().settings().metrics, settings_),
      client_metrics_(bus.tables(), fmt::format("{} {}", settings_.group, settings_.topic.name)),
      runner_(bus, bus.clock(), settings_, handler, work_, metrics_),
      relayed_(relay_schema, relay_group, settings_.topic),
      topic_(kafka::topic_name(bus.settings(), settings_.topic)) {
  const metrics::Labels labels{{"topic", std::string(settings_.topic.name)}, {"group", settings_.group}};
  old_ =
      bus.tables().counter("carillon_bus_repeated_records_total", "Records that had come before; passed over", labels);
  ahead_ = bus.tables().counter("carillon_bus_early_records_total",
                                "Records before whose turn; passed over, for they come again", labels);
  made_anew_ = bus.tables().counter("carillon_bus_clients_made_anew_total",
                                    "Clients made anew because what the broker has didn't come", labels);
  stopped_partitions_ =
      bus.tables().gauge("carillon_bus_stopped_partitions",
                         "Partitions held here of which the broker no longer has what comes next", labels);
}

KafkaConsumer::~KafkaConsumer() {
  stop();
}

void KafkaConsumer::start() {
  if (thread_.joinable()) return;
  pause_.start();
  last_progress_ = now().time_since_epoch().count();
  thread_ = std::thread([this] { run(); });
}

void KafkaConsumer::stop() {
  if (!thread_.joinable()) return;
  pause_.stop();
  thread_.join();
}

bool KafkaConsumer::healthy() const {
  return now() - SteadyTime{SteadyTime::duration{last_progress_.load()}} < kafka_unhealthy_after;
}

SteadyTime KafkaConsumer::now() const {
  return bus_.clock().steady();
}

void KafkaConsumer::run() {
  name_this_thread("c:" + std::string(settings_.topic.table));
  while (!pause_.stopped()) {
    try {
      turn();
      pause_.reset();
      if (trouble_.empty() && stopped_partitions().empty()) last_progress_ = now().time_since_epoch().count();
      if (std::exchange(failing_, false))
        log::info("bus.consumer_recovered", {{"group", settings_.group}, {"topic", settings_.topic.name}});
    } catch (const std::exception& error) {
      failed(error.what());
    }
  }
  disconnect();
  work_.close();
}

void KafkaConsumer::failed(const std::string& reason) {
  if (!std::exchange(failing_, true)) {
    log::warn("bus.batch_failed", {{"group", settings_.group}, {"topic", settings_.topic.name}, {"reason", reason}});
  }
  unplaced_ = held_;  // a commit whose outcome is unknown may have moved the offsets
  fetched_ = {};
  pause_.wait();
}

void KafkaConsumer::turn() {
  tick_when_due();
  bus_.tables().require_agreement();
  connect();
  place();
  hold_back(!handler_.ready());
  if (held_back_) {
    poll();  // or the broker gives the partitions to others
  } else {
    if (fetched_.consumed()) {
      gather();
      fetched_ = {};
      poll();
    }
    if (!fetched_.consumed()) runner_.consume(fetched_, positions_);
  }
  look_around();
}

void KafkaConsumer::tick_when_due() {
  if (now() < next_tick_) return;
  next_tick_ = now() + settings_.idle_tick;
  handler_.tick();
}

// Nothing is fetched meanwhile, but the client stays in its group.
void KafkaConsumer::hold_back(bool back) {
  if (back == held_back_) return;
  const kafka::PartitionList list = list_of(held_);
  kafka::throw_if(back ? rd_kafka_pause_partitions(client_.get(), list.get())
                       : rd_kafka_resume_partitions(client_.get(), list.get()),
                  "pause");
  held_back_ = back;
}

// Lets records gather for a larger batch.
void KafkaConsumer::gather() {
  if (settings_.linger.count() == 0 || fetched_.records.size() >= settings_.batch_records_max) return;
  const auto rest = std::chrono::ceil<milliseconds>(last_fill_ + settings_.linger - now());
  if (rest.count() > 0) pause_.wait_for(rest);
}

void KafkaConsumer::poll() {
  last_fill_ = now();
  const auto until_tick = std::chrono::ceil<milliseconds>(next_tick_ - now());
  auto wait = std::clamp(until_tick, milliseconds{1}, unplaced_.empty() ? poll_max : milliseconds{5});
  std::size_t bytes = 0;
  while (fetched_.records.size() < settings_.batch_records_max && bytes < settings_.batch_bytes_max) {
    const kafka::MessageHandle message(rd_kafka_consumer_poll(client_.get(), static_cast<int>(wait.count())));
    if (!message) break;
    wait = milliseconds{0};
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      message_failed(*message);
      continue;
    }
    bytes += message->len + message->key_len;
    take(*message);
  }
}

void KafkaConsumer::take(const rd_kafka_message_t& message) {
  trouble_.clear();
  const auto cursor = cursors_.find(message.partition);
  if (cursor == cursors_.end() || unplaced_.contains(message.partition)) return;
  kafka::ReadMessage read = kafka::read_message(message);
  Position after{as_before, message.offset + 1};
  bool corrupt = false;
  if (read.origin) {
    if (read.origin->source != source_) {
      if (!std::exchange(foreign_source_logged_, true))
        log::error("bus.records_of_another_database", {{"topic", topic_}, {"source", read.origin->source}});
      return;
    }
    if (cursor->second.wants_oldest()) cursor->second.outbox_begins_at(oldest_in_outbox(message.partition));
    const Verdict verdict = cursor->second.look(read.origin->seq, read.origin->next_seq);
    if (verdict == Verdict::OLD) return old_.add();
    if (verdict == Verdict::AHEAD) {
      missing_since_.try_emplace(message.partition, now());
      return ahead_.add();
    }
    missing_since_.erase(message.partition);
    after.next_seq = read.origin->next_seq;
    read.received.stored_seq = read.origin->seq;
    corrupt = read.origin->is_corrupt();
  }
  fetched_.add(std::move(read.received), after, corrupt);
}

// 0 when there is none.
std::int64_t KafkaConsumer::oldest_in_outbox(int partition) {
  const Fetched first = Reader(settings_.topic, {1, 1}).fetch(work_, {{partition, 0}});
  return first.empty() ? 0 : first.records.front().seq;
}

void KafkaConsumer::message_failed(const rd_kafka_message_t& message) {
  const std::string reason = rd_kafka_message_errstr(&message);
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET && held_.contains(message.partition)) {
    if (unplaced_.contains(message.partition)) return;  // not where we want to read
    if (positions_[message.partition].next_offset == as_before) return begin_at_oldest(message.partition);
    out_of_range_.insert(message.partition);
    log::error("bus.offset_out_of_range", {{"group", settings_.group},
                                           {"topic", topic_},
                                           {"partition", message.partition},
                                           {"next_offset", positions_[message.partition].next_offset},
                                           {"reason", reason}});
    return;
  }
  if (message.err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) {
    log::warn("bus.batch_took_too_long", {{"group", settings_.group}, {"topic", topic_}});
    return;
  }
  if (std::exchange(trouble_, reason) != reason)
    log::warn("bus.broker_trouble", {{"group", settings_.group}, {"topic", topic_}, {"reason", reason}});
}

// What was read of a partition that goes; it may come back before this lot is consumed, and be read anew.
void KafkaConsumer::drop_lost_partitions() {
  const auto is_held = [&](const Received& received) { return positions_.contains(received.partition); };
  const auto left = fetched_.records.begin() + static_cast<std::ptrdiff_t>(fetched_.at);
  if (std::all_of(left, fetched_.records.end(), is_held)) return;
  Fetched held;
  for (std::size_t i = fetched_.at; i < fetched_.records.size(); ++i) {
    if (is_held(fetched_.records[i])) held.add(std::move(fetched_.records[i]), fetched_.after[i], fetched_.corrupt[i]);
  }
  fetched_ = std::move(held);
}

// Partitions that can't go on until somebody has seen to the broker or the offsets.
std::set<int> KafkaConsumer::stopped_partitions() const {
  std::set<int> stopped = out_of_range_;
  for (const auto& [partition, since] : missing_since_) {
    if (now() - since >= missing_max) stopped.insert(partition);
  }
  return stopped;
}

void KafkaConsumer::report_stopped() {
  const std::set<int> stopped = stopped_partitions();
  stopped_partitions_.set(static_cast<double>(stopped.size()));
  for (const int partition : stopped) {
    if (out_of_range_.contains(partition) || !missing_logged_.insert(partition).second) continue;
    log::error("bus.records_missing", {{"group", settings_.group},
                                       {"topic", topic_},
                                       {"partition", partition},
                                       {"next_seq", positions_[partition].next_seq}});
  }
  if (stopped.empty()) missing_logged_.clear();
}

// Somebody may have set the offsets back, and a partition without new records would never find out.
void KafkaConsumer::look_for_moved_offsets() {
  if (held_.empty()) return;
  for (const auto& [partition, position] : runner_.offsets().read(work_, held_)) {
    const auto known = positions_.find(partition);
    if (known == positions_.end() || known->second == position) continue;
    log::warn("bus.offsets_set", {{"group", settings_.group}, {"topic", topic_}, {"partition", partition}});
    unplaced_ = held_;  // all: what was read ahead is thrown away
    fetched_ = {};
  }
}

// librdkafka 2.0 may stop fetching a partition without a word, for one after its topic was made anew. What the relay
// has brought to the broker and doesn't come for a while is asked for by another client, less and less often.
void KafkaConsumer::look_for_standstills() {
  if (held_back_) return;
  const Positions relayed = relayed_.read(work_, held_);
  for (const auto& [partition, position] : positions_) {
    const auto there = relayed.find(partition);
    const std::int64_t wanted = std::max(position.next_seq, first_seq);
    if (there == relayed.end() || there->second.next_seq <= wanted || out_of_range_.contains(partition)) {
      standstills_.erase(partition);
      continue;
    }
    Standstill& standstill = standstills_[partition];
    if (standstill.next_seq != wanted) standstill = {wanted, 0, standstill_looks_max};
    if (++standstill.looks <= standstill.looks_max) continue;
    standstill = {wanted, 0, std::min(2 * standstill.looks_max, standstill_looks_most)};
    log::warn("bus.client_made_anew", {{"group", settings_.group},
                                       {"topic", topic_},
                                       {"partition", partition},
                                       {"next_seq", position.next_seq},
                                       {"relayed", there->second.next_seq}});
    made_anew_.add();
    broken_ = true;
    return;
  }
}

// Now and then: the lag, as far as the client knows the ends of the partitions from its fetching.
void KafkaConsumer::look_around() {
  if (now() < next_look_) return;
  next_look_ = now() + look_interval;
  report_stopped();
  look_for_moved_offsets();
  look_for_standstills();
  std::int64_t behind = 0;
  for (const auto& [partition, position] : positions_) {
    std::int64_t low = 0, high = 0;
    if (rd_kafka_get_watermark_offsets(client_.get(), topic_.c_str(), partition, &low, &high) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
      continue;
    behind += std::max<std::int64_t>(high - std::max(position.next_offset, low), 0);
  }
  metrics_.lag.set(static_cast<double>(behind));
}

}  // namespace carillon::bus
