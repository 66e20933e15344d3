// Which partitions a consumer holds and where it reads them.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "bus/kafka/consumer.hpp"
#include "bus/kafka/engine.hpp"
#include "bus_sql.hpp"
#include "service/log.hpp"

namespace carillon::bus {
namespace {

using kafka::Cursor;
using std::chrono::milliseconds;

constexpr milliseconds broker_answer_max{5'000};
constexpr int heartbeats_in_session = 3;
constexpr int fetch_queue_kilobytes = 16 * 1024;

// Numbers only: "the beginning" is looked up by the client in its own time, and what comes later could be overtaken by
// that.
std::int64_t offset_of(const Position& position) {
  return position.next_offset == as_before ? 0 : position.next_offset;
}

}  // namespace

int KafkaConsumer::on_statistics(rd_kafka_t* /*client*/, char* json, std::size_t bytes, void* self) {
  static_cast<KafkaConsumer*>(self)->client_metrics_.take({json, bytes});
  return 0;  // the text stays the client's
}

void KafkaConsumer::connect() {
  if (std::exchange(broken_, false)) disconnect();
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
  config.set("statistics.interval.ms", std::to_string(kafka::ClientMetrics::interval_ms));
  rd_kafka_conf_set_stats_cb(config.get(), on_statistics);
  client_metrics_.client_made();
  kafka::ClientHandle client = std::move(config).make(RD_KAFKA_CONSUMER);
  kafka::throw_if(rd_kafka_poll_set_consumer(client.get()), "poll_set_consumer");
  const kafka::PartitionList topics = kafka::partition_list(1);
  rd_kafka_topic_partition_list_add(topics.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
  client_ = std::move(client);
  try {
    require_partitions();
    kafka::throw_if(rd_kafka_subscribe(client_.get(), topics.get()), "subscribe");
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
  kafka::throw_if(
      rd_kafka_metadata(client_.get(), 0, topic.get(), &answer, static_cast<int>(broker_answer_max.count())),
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
void KafkaConsumer::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t kind, rd_kafka_topic_partition_list_t* partitions,
                                 void* self) {
  auto& consumer = *static_cast<KafkaConsumer*>(self);
  std::set<int> numbers;
  for (int i = 0; i < partitions->cnt; ++i) numbers.insert(partitions->elems[i].partition);
  if (kind == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
    consumer.assigned(numbers);
  else
    consumer.revoked(numbers);
}

void KafkaConsumer::assigned(const std::set<int>& partitions) {
  Positions positions;
  try {
    positions = runner_.offsets().read(work_, partitions);
  } catch (const std::exception& error) {  // place() will ask again; what comes until then is thrown away
    log::warn("bus.offsets_not_read", {{"group", settings_.group}, {"topic", topic_}, {"reason", error.what()}});
  }
  for (const int partition : partitions) {
    held_.insert(partition);
    if (!positions.contains(partition)) unplaced_.insert(partition);
    log::info("bus.partition_assigned", {{"group", settings_.group}, {"topic", topic_}, {"partition", partition}});
  }
  const kafka::PartitionList list = list_of(partitions);
  for (int i = 0; i < list->cnt; ++i) {
    const auto position = positions.find(list->elems[i].partition);
    list->elems[i].offset = position == positions.end() ? 0 : offset_of(position->second);
    if (position != positions.end()) begin_at(position->first, position->second);
  }
  const kafka::ErrorHandle error(rd_kafka_incremental_assign(client_.get(), list.get()));
  if (error) broken_ = true;  // the client and we don't agree on what is read
  held_back_ = false;         // new ones are not paused
}

void KafkaConsumer::revoked(const std::set<int>& partitions) {
  for (const int partition : partitions) {
    held_.erase(partition);
    unplaced_.erase(partition);
    out_of_range_.erase(partition);
    missing_since_.erase(partition);
    positions_.erase(partition);
    cursors_.erase(partition);
    log::info("bus.partition_revoked", {{"group", settings_.group}, {"topic", topic_}, {"partition", partition}});
  }
  drop_lost_partitions();
  const kafka::ErrorHandle error(rd_kafka_incremental_unassign(client_.get(), list_of(partitions).get()));
  if (error) broken_ = true;
}

// Begins to read where the database says.
void KafkaConsumer::place() {
  if (unplaced_.empty()) return;
  const Positions positions = runner_.offsets().read(work_, unplaced_);
  std::map<int, std::int64_t> offsets;
  for (const auto& [partition, position] : positions) {
    begin_at(partition, position);
    offsets[partition] = offset_of(position);
  }
  read_from(offsets);
  unplaced_.clear();
}

// Takes the partitions anew: a seek never ends on one that the client has given up for its offset.
void KafkaConsumer::read_from(const std::map<int, std::int64_t>& offsets) {
  const kafka::PartitionList list = kafka::partition_list(static_cast<int>(offsets.size()));
  for (const auto& [partition, offset] : offsets)
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset = offset;
  kafka::ErrorHandle error(rd_kafka_incremental_unassign(client_.get(), list.get()));
  if (!error) error.reset(rd_kafka_incremental_assign(client_.get(), list.get()));
  held_back_ = false;  // they are not paused
  if (!error) return;
  broken_ = true;
  throw std::runtime_error(fmt::format("reading anew: {}", rd_kafka_error_string(error.get())));
}

void KafkaConsumer::begin_at(int partition, const Position& position) {
  positions_[partition] = position;
  cursors_.insert_or_assign(partition, Cursor(position.next_seq, settings_.topic.state));
  out_of_range_.erase(partition);
  missing_since_.erase(partition);
}

kafka::PartitionList KafkaConsumer::list_of(const std::set<int>& partitions) const {
  kafka::PartitionList list = kafka::partition_list(static_cast<int>(partitions.size()));
  for (const int partition : partitions) rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition);
  return list;
}

// The topic has lost its first records before this group has read any.
void KafkaConsumer::begin_at_oldest(int partition) {
  std::int64_t low = 0, high = 0;
  kafka::throw_if(rd_kafka_query_watermark_offsets(client_.get(), topic_.c_str(), partition, &low, &high,
                                                   static_cast<int>(broker_answer_max.count())),
                  "asking for the oldest offset");
  read_from({{partition, low}});
}

void KafkaConsumer::disconnect() {
  if (!client_) return;
  kafka::close_consumer(client_.get());  // gives the partitions back
  client_.reset();
  held_.clear();
  unplaced_.clear();
  out_of_range_.clear();
  missing_since_.clear();
  positions_.clear();
  cursors_.clear();
  fetched_ = {};
  held_back_ = broken_ = false;
}

}  // namespace carillon::bus
