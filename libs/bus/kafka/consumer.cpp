#include "bus/kafka/consumer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bus/kafka/engine.hpp"
#include "bus_sql.hpp"
#include "postgres/errors.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::bus {
namespace {

using kafka::Cursor;
using kafka::Verdict;
using std::chrono::milliseconds;

constexpr milliseconds unhealthy_after{10'000};
constexpr milliseconds lag_interval{5'000};
constexpr milliseconds poll_max{100};  // stopping waits this long
constexpr milliseconds broker_answer_max{5'000};
constexpr int heartbeats_in_session = 3;
constexpr int fetch_queue_kilobytes = 16 * 1024;

pg::ConnectionSettings work_settings(const PostgresBus& tables, const ConsumerSettings& consumer) {
  pg::ConnectionSettings settings = pg::for_repeated_statements(tables.settings().connection);
  settings.application_name += " consumer " + consumer.group;
  return settings;
}

void throw_if(rd_kafka_resp_err_t error, const char* what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(fmt::format("{}: {}", what, rd_kafka_err2str(error)));
}

}  // namespace

KafkaConsumer::KafkaConsumer(KafkaBus& bus, ConsumerSettings settings, Handler& handler)
    : bus_(bus),
      settings_(std::move(settings)),
      handler_(handler),
      work_(work_settings(bus.tables(), settings_)),
      metrics_(bus.tables().settings().metrics, settings_),
      runner_(bus, bus.clock(), settings_, handler, work_, metrics_),
      topic_(kafka::topic_name(bus.settings(), settings_.topic)) {
  const metrics::Labels labels{{"topic", std::string(settings_.topic.name)}, {"group", settings_.group}};
  old_ =
      bus.tables().counter("carillon_bus_repeated_records_total", "Records that had come before; passed over", labels);
  ahead_ = bus.tables().counter("carillon_bus_early_records_total",
                                "Records before whose turn; passed over, for they come again", labels);
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
  return now() - SteadyTime{SteadyTime::duration{last_progress_.load()}} < unhealthy_after;
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
      if (out_of_range_.empty() && trouble_.empty()) last_progress_ = now().time_since_epoch().count();
      if (std::exchange(failing_, false))
        log::info("bus.consumer_recovered", {{"group", settings_.group}, {"topic", settings_.topic.name}});
    } catch (const std::exception& error) {
      failed(error.what());
    }
  }
  if (client_) {
    rd_kafka_consumer_close(client_.get());  // gives the partitions back
    client_.reset();
  }
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
  report_lag();
}

void KafkaConsumer::tick_when_due() {
  if (now() < next_tick_) return;
  next_tick_ = now() + settings_.idle_tick;
  handler_.tick();
}

void KafkaConsumer::connect() {
  if (client_) return;
  const KafkaSettings& kafka = bus_.settings();
  source_ = work_.run(bus_sql::source_id, {})[0][0].c_str();
  runner_.offsets().ensure(work_, bus_.partitions());
  kafka::ClientConfig config(kafka, bus_.client_id(settings_.group));
  config.set("group.id", kafka.topic_prefix + settings_.group + "." + std::string(settings_.topic.name));
  config.set("partition.assignment.strategy", "cooperative-sticky");
  config.set("session.timeout.ms", std::to_string(kafka.session_timeout.count()));
  config.set("heartbeat.interval.ms", std::to_string(kafka.session_timeout.count() / heartbeats_in_session));
  config.set("max.poll.interval.ms", std::to_string(std::max(kafka.max_poll_interval, kafka.session_timeout).count()));
  config.set("enable.auto.commit", "false");  // the offsets are in PostgreSQL
  config.set("enable.auto.offset.store", "false");
  config.set("auto.offset.reset", "error");
  config.set("queued.max.messages.kbytes", std::to_string(fetch_queue_kilobytes));
  rd_kafka_conf_set_opaque(config.get(), this);
  rd_kafka_conf_set_rebalance_cb(config.get(), on_rebalance);
  kafka::ClientHandle client = std::move(config).make(RD_KAFKA_CONSUMER);
  throw_if(rd_kafka_poll_set_consumer(client.get()), "poll_set_consumer");
  const kafka::PartitionList topics = kafka::partition_list(1);
  rd_kafka_topic_partition_list_add(topics.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
  client_ = std::move(client);
  try {
    require_partitions();
    throw_if(rd_kafka_subscribe(client_.get(), topics.get()), "subscribe");
  } catch (...) {
    client_.reset();
    throw;
  }
}

// The partition of a key is reckoned here, so both sides have to count the same.
void KafkaConsumer::require_partitions() {
  const std::unique_ptr<rd_kafka_topic_t, kafka::Destroy<rd_kafka_topic_destroy>> topic(
      rd_kafka_topic_new(client_.get(), topic_.c_str(), nullptr));
  const rd_kafka_metadata_t* answer = nullptr;
  throw_if(rd_kafka_metadata(client_.get(), 0, topic.get(), &answer, static_cast<int>(broker_answer_max.count())),
           "the broker doesn't answer");
  const std::unique_ptr<const rd_kafka_metadata_t, kafka::Destroy<rd_kafka_metadata_destroy>> metadata(answer);
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(fmt::format("topic {}: {}", topic_, rd_kafka_err2str(found.err)));
  if (found.partition_cnt != bus_.partitions()) {
    throw std::runtime_error(fmt::format("topic {} has {} partitions, this database's bus has {}", topic_,
                                         found.partition_cnt, bus_.partitions()));
  }
}

// Called while polling, on the consumer's own thread: no batch is running.
void KafkaConsumer::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t kind,
                                 rd_kafka_topic_partition_list_t* partitions, void* self) {
  auto& consumer = *static_cast<KafkaConsumer*>(self);
  kafka::ErrorHandle error;
  if (kind == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    // Reading starts once place() knows where; what comes before that is thrown away.
    for (int i = 0; i < partitions->cnt; ++i) partitions->elems[i].offset = RD_KAFKA_OFFSET_END;
    error.reset(rd_kafka_incremental_assign(client, partitions));
    consumer.assigned(*partitions);
  } else {
    error.reset(rd_kafka_incremental_unassign(client, partitions));
    consumer.revoked(*partitions);
  }
  if (error)
    log::warn("bus.rebalance_failed", {{"topic", consumer.topic_}, {"reason", rd_kafka_error_string(error.get())}});
}

void KafkaConsumer::assigned(const rd_kafka_topic_partition_list_t& partitions) {
  for (int i = 0; i < partitions.cnt; ++i) {
    const int partition = partitions.elems[i].partition;
    held_.insert(partition);
    unplaced_.insert(partition);
    log::info("bus.partition_assigned", {{"group", settings_.group}, {"topic", topic_}, {"partition", partition}});
  }
  held_back_ = false;  // new ones are not paused
}

void KafkaConsumer::revoked(const rd_kafka_topic_partition_list_t& partitions) {
  for (int i = 0; i < partitions.cnt; ++i) {
    const int partition = partitions.elems[i].partition;
    held_.erase(partition);
    unplaced_.erase(partition);
    out_of_range_.erase(partition);
    positions_.erase(partition);
    cursors_.erase(partition);
    log::info("bus.partition_revoked", {{"group", settings_.group}, {"topic", topic_}, {"partition", partition}});
  }
  stopped_partitions_.set(static_cast<double>(out_of_range_.size()));
}

// Begins to read where the database says.
void KafkaConsumer::place() {
  if (unplaced_.empty()) return;
  const Positions positions = runner_.offsets().read(work_, unplaced_);
  const kafka::PartitionList list = list_of(unplaced_);
  for (int i = 0; i < list->cnt; ++i) {
    rd_kafka_topic_partition_t& entry = list->elems[i];
    const std::int64_t next_offset = positions.at(entry.partition).next_offset;
    entry.offset = next_offset == as_before ? RD_KAFKA_OFFSET_BEGINNING : next_offset;
  }
  const kafka::ErrorHandle error(
      rd_kafka_seek_partitions(client_.get(), list.get(), static_cast<int>(broker_answer_max.count())));
  if (error) throw std::runtime_error(fmt::format("seek: {}", rd_kafka_error_string(error.get())));
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list->elems[i];
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;  // not yet fetching: asked again in the next turn
    const Position& position = positions.at(entry.partition);
    positions_[entry.partition] = position;
    cursors_.insert_or_assign(entry.partition,
                              Cursor(position.next_seq, position.next_offset == as_before, settings_.topic.state));
    unplaced_.erase(entry.partition);
  }
}

kafka::PartitionList KafkaConsumer::list_of(const std::set<int>& partitions) const {
  kafka::PartitionList list = kafka::partition_list(static_cast<int>(partitions.size()));
  for (const int partition : partitions) rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition);
  return list;
}

// Nothing is fetched meanwhile, but the client stays in its group.
void KafkaConsumer::hold_back(bool back) {
  if (back == held_back_) return;
  const kafka::PartitionList list = list_of(held_);
  throw_if(back ? rd_kafka_pause_partitions(client_.get(), list.get())
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
  drop_lost_partitions();
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
    const Verdict verdict = cursor->second.look(read.origin->seq, read.origin->next_seq);
    if (verdict != Verdict::TAKE) return (verdict == Verdict::OLD ? old_ : ahead_).add();
    after.next_seq = read.origin->next_seq;
    read.received.stored_seq = read.origin->seq;
    corrupt = read.origin->is_corrupt();
  }
  fetched_.add(std::move(read.received), after, corrupt);
}

void KafkaConsumer::message_failed(const rd_kafka_message_t& message) {
  const std::string reason = rd_kafka_message_errstr(&message);
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET && held_.contains(message.partition)) {
    if (unplaced_.contains(message.partition)) return;  // not where we want to read
    out_of_range_.insert(message.partition);
    stopped_partitions_.set(static_cast<double>(out_of_range_.size()));
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

// A partition may have gone while this lot was read.
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

// As far as the client knows the ends of the partitions from its fetching.
void KafkaConsumer::report_lag() {
  if (now() < next_lag_) return;
  next_lag_ = now() + lag_interval;
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
