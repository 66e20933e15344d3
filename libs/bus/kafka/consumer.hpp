// A consumer on the Kafka engine: one thread, a client of the group, one connection for the batches. The broker shares
// the partitions out; where to read is in PostgreSQL. A process that was stopped loses its partitions on the broker's
// side, and what it commits later fails on the offsets.
#pragma once
#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "bus/batch_runner.hpp"
#include "bus/kafka/client.hpp"
#include "bus/kafka/cursor.hpp"
#include "bus/kafka/message.hpp"
#include "bus/kafka/statistics.hpp"
#include "bus/retry_pause.hpp"

namespace carillon::bus {

class KafkaBus;

class KafkaConsumer final : public Consumer {
 public:
  KafkaConsumer(KafkaBus& bus, ConsumerSettings settings, Handler& handler);
  ~KafkaConsumer() override;
  void start() override;
  void stop() override;
  bool healthy() const override;

 private:
  void run();
  void turn();
  void failed(const std::string& reason);
  void tick_when_due();
  void connect();
  void disconnect();
  void require_partitions();
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t kind, rd_kafka_topic_partition_list_t* partitions,
                           void* self);
  static int on_statistics(rd_kafka_t* client, char* json, std::size_t bytes, void* self);
  void assigned(const std::set<int>& partitions);
  void revoked(const std::set<int>& partitions);
  void place();
  void read_from(const std::map<int, std::int64_t>& offsets);
  void begin_at(int partition, const Position& position);
  void hold_back(bool back);
  void gather();
  void poll();
  void take(const rd_kafka_message_t& message);
  std::int64_t oldest_in_outbox(int partition);
  void begin_at_oldest(int partition);
  void message_failed(const rd_kafka_message_t& message);
  void drop_lost_partitions();
  void look_around();
  void report_stopped();
  void look_for_moved_offsets();
  void look_for_standstills();
  std::set<int> stopped_partitions() const;
  kafka::PartitionList list_of(const std::set<int>& partitions) const;
  SteadyTime now() const;

  KafkaBus& bus_;
  const ConsumerSettings settings_;
  Handler& handler_;
  pg::Connection work_;
  ConsumerMetrics metrics_;
  metrics::Counter old_, ahead_, made_anew_;
  metrics::Gauge stopped_partitions_;
  kafka::ClientMetrics client_metrics_;
  BatchRunner runner_;
  Offsets relayed_;          // up to where the broker has the topic's records
  const std::string topic_;  // the broker's name

  kafka::ClientHandle client_;
  std::string source_;                       // the database's id
  std::set<int> held_;                       // accepted
  std::set<int> unplaced_;                   // of these: where to read has to be asked (again)
  std::set<int> out_of_range_;               // of these: the broker no longer has what comes next; nothing is read
  std::map<int, SteadyTime> missing_since_;  // of these: what came is ahead of what has to come
  std::set<int> missing_logged_;
  // Partitions of which the broker has more than comes: where they are, at how many looks so far, and at how many of
  // them the client is made anew.
  struct Standstill {
    std::int64_t next_seq = 0;
    int looks = 0, looks_max = 0;
  };
  std::map<int, Standstill> standstills_;
  Positions positions_;                   // as in the database
  std::map<int, kafka::Cursor> cursors_;  // after what is in fetched_
  Fetched fetched_;

  bool broken_ = false, held_back_ = false, failing_ = false, foreign_source_logged_ = false;
  std::string trouble_;  // what the broker said last, "" when all is well
  SteadyTime next_tick_{}, next_look_{}, last_fill_{};
  RetryPause pause_;
  std::atomic<SteadyTime::rep> last_progress_{0};
  std::thread thread_;
};

}  // namespace carillon::bus
