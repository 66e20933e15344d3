// Ships outbox tables to the topics of a broker. Of all relays of a database one at a time is in charge of a partition
// of a topic, by advisory lock; positions are in bus.bus_offsets under the name "relay". A relay that was stopped and
// goes on may send what its heir has sent: consumers see through it (kafka/cursor.hpp). Deletes nothing.
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "bus/offsets.hpp"
#include "bus/postgres/leases.hpp"
#include "bus/postgres/reader.hpp"
#include "bus/relay/shipper.hpp"
#include "bus/relay/stream.hpp"
#include "bus/retry_pause.hpp"
#include "service/metrics.hpp"

namespace carillon::bus {

class PostgresBus;

class Relay {
 public:
  // Runs until destroyed; then it waits a few seconds for what is on its way.
  Relay(PostgresBus& bus, KafkaSettings settings, std::span<const ShippedTopic> topics);
  ~Relay();

 private:
  // One of the topics, with the partitions that this relay is in charge of.
  struct Lane {
    Lane(const ShippedTopic& shipped_topic, const PostgresBus& bus, const KafkaSettings& settings);
    Topic topic;
    std::string broker_topic;
    Leases leases;
    Offsets offsets;
    Reader reader;
    std::map<int, Stream> streams;  // by partition
    std::uint64_t rings_from_others = 0;
    SteadyTime next_read{}, gathers_until{};
    bool failing = false;
    metrics::Counter shipped, failures;
    metrics::Gauge lag;
  };

  void run();
  void turn();
  void hold_leases();
  void take_charge(Lane& lane);
  void hear_answers();
  void save_positions();
  void gather();
  std::size_t ship();
  Fetched read(Lane& lane, std::size_t bytes_under_way);
  Fetched read_from(Lane& lane, const std::map<int, std::int64_t>& next_seqs);
  void wait_for_disk();
  std::size_t bytes_in_flight() const;
  void send(Lane& lane, Fetched&& fetched);
  void lane_failed(Lane& lane, Stream& stream, const std::string& reason);
  void look_for_moved_positions();
  void report_lag();
  void forget_all();
  void wait();
  SteadyTime now() const;

  PostgresBus& bus_;
  const KafkaSettings settings_;
  pg::Connection session_;  // leases, reading, positions
  std::uint64_t session_epoch_ = 0;
  std::string source_;  // the database's id, "" until known
  std::vector<Lane> lanes_;
  kafka::ClientMetrics client_metrics_;
  std::unique_ptr<Shipper> shipper_;
  std::uint16_t generations_ = 0;
  SteadyTime next_look_{}, next_save_{}, next_lag_{}, last_contact_{}, last_ship_{}, next_gathered_{};
  std::size_t last_lot_ = 0;
  bool held_up_ = false;  // by the bounds on what is on its way
  std::uint64_t rings_ = 0;
  bool failing_ = false;
  RetryPause pause_;
  std::thread thread_;
};

}  // namespace carillon::bus
