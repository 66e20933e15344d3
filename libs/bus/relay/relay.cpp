#include "bus/relay/relay.hpp"

#include <algorithm>

#include "bus/postgres/engine.hpp"
#include "bus/postgres/handover.hpp"
#include "bus_sql.hpp"
#include "postgres/errors.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::bus {
namespace {

using std::chrono::milliseconds;

constexpr FetchBounds read_bounds{1'000, 4U << 20};  // per partition and turn
constexpr std::size_t large_lot = 500;
constexpr std::size_t stream_bytes_in_flight_max = 4U << 20;
constexpr std::size_t relay_bytes_in_flight_max = 32U << 20;
constexpr milliseconds relay_unread_max{250};  // when nobody rang: a notification may be lost
constexpr milliseconds save_interval{500};     // how much is sent again after a crash
constexpr milliseconds relay_look_interval{1'000};
constexpr milliseconds relay_lag_interval{5'000};
constexpr milliseconds retry_after{1'000};
constexpr milliseconds finish_max{5'000};
constexpr milliseconds shortest_wait{5};  // rings end it anyway; and while bounds hold records up, nobody rings
// Between two lots under load: a request to the broker carries the records of one partition, and costs it and us more
// than the records do. Alone a record never waits.
constexpr milliseconds gather_time{12};
constexpr milliseconds gather_time_of_logs{50};
constexpr int relay_contact_share = 3;  // the session is used at least this often within a lease time-out

pg::ConnectionSettings session_settings(const PostgresBus& bus) {
  pg::ConnectionSettings settings = pg::for_repeated_statements(bus.settings().connection);
  settings.application_name += " relay";
  settings.idle_session_timeout = bus.settings().lease_timeout;
  return settings;
}

}  // namespace

Relay::Lane::Lane(const ShippedTopic& shipped_topic, const PostgresBus& bus, const KafkaSettings& settings)
    : topic(shipped_topic.topic),
      broker_topic(kafka::topic_name(settings, topic)),
      leases(relay_group, topic, bus.partitions(), shipped_topic.written_most_here ? Rank::FIRST : Rank::STANDBY),
      offsets(relay_schema, relay_group, topic),
      reader(topic, read_bounds) {
  const metrics::Labels labels{{"topic", std::string(topic.name)}};
  shipped = bus.counter("carillon_relay_records_total", "Records that the broker has acknowledged", labels);
  failures = bus.counter("carillon_relay_failures_total", "Records that the broker refused; sent again", labels);
  lag = bus.gauge("carillon_relay_lag_records",
                  "Records in the outbox that the broker has not acknowledged, over the partitions in charge here",
                  labels);
}

Relay::Relay(PostgresBus& bus, KafkaSettings settings, std::span<const ShippedTopic> topics)
    : bus_(bus),
      settings_(std::move(settings)),
      session_(session_settings(bus)),
      client_metrics_(bus, bus.settings().connection.role + " relay") {
  lanes_.reserve(topics.size());
  for (const ShippedTopic& topic : topics) lanes_.emplace_back(topic, bus, settings_);
  if (lanes_.empty()) return;
  pause_.start();
  thread_ = std::thread([this] { run(); });
}

Relay::~Relay() {
  if (!thread_.joinable()) return;
  pause_.stop();
  bus_.bell().nudge();
  thread_.join();
}

SteadyTime Relay::now() const {
  return bus_.clock().steady();
}

void Relay::run() {
  name_this_thread("relay");
  while (!pause_.stopped()) {
    try {
      turn();
      pause_.reset();
      if (std::exchange(failing_, false)) log::info("relay.recovered");
    } catch (const std::exception& error) {
      if (!std::exchange(failing_, true)) log::warn("relay.failed", {{"reason", error.what()}});
      forget_all();
      pause_.wait();
    }
  }
  try {
    if (shipper_) {
      shipper_->finish(finish_max);
      hear_answers();
      save_positions();
    }
  } catch (const std::exception& error) {  // then some is sent again by the next one
    log::info("relay.position_not_saved", {{"reason", error.what()}});
  }
  shipper_.reset();
  session_.close();
  for (Lane& lane : lanes_) bus_.bell().handover().hold(lane.topic.table, {});
}

void Relay::turn() {
  bus_.require_agreement();
  hold_leases();
  if (shipper_ && shipper_->broken()) {  // all that isn't acknowledged is sent again by a new one
    log::warn("relay.producer_made_anew");
    hear_answers();
    shipper_.reset();
    for (Lane& lane : lanes_)
      for (auto& [partition, stream] : lane.streams) stream.begin_again(++generations_);
  }
  if (!shipper_) {
    shipper_ =
        std::make_unique<Shipper>(settings_, bus_.settings().connection.application_name + " relay", client_metrics_);
  }
  gather();
  held_up_ = false;
  hear_answers();
  last_lot_ = ship();
  if (now() >= next_save_) {
    save_positions();
    next_save_ = now() + save_interval;
  }
  if (now() >= next_lag_) {
    look_for_moved_positions();
    report_lag();
    next_lag_ = now() + relay_lag_interval;
  }
  if (last_lot_ == 0) wait();
}

// What can be sent now, of all topics; how many records that was.
std::size_t Relay::ship() {
  std::vector<std::pair<Lane*, Fetched>> lots;
  std::size_t records = 0, bytes = bytes_in_flight();
  next_gathered_ = SteadyTime::max();
  for (Lane& lane : lanes_) {
    Fetched fetched = read(lane, bytes);
    if (fetched.empty()) continue;
    records += fetched.records.size();
    if (lane.topic.log && fetched.records.size() < large_lot) lane.gathers_until = now() + gather_time_of_logs;
    for (const Received& received : fetched.records) bytes += received.record.key.size() + received.record.value.size();
    lots.emplace_back(&lane, std::move(fetched));
  }
  if (lots.empty()) return 0;
  wait_for_disk();
  for (auto& [lane, fetched] : lots) send(*lane, std::move(fetched));
  last_ship_ = now();
  return records;
}

// Those who committed it may not have waited. A commit of the relay's own that does brings all before it to the disk.
void Relay::wait_for_disk() {
  session_.run(bus_sql::flush_log, {});
  if (session_.epoch() != session_epoch_) throw pg::Unavailable("the lease session was lost");
  last_contact_ = now();
}

std::size_t Relay::bytes_in_flight() const {
  std::size_t bytes = 0;
  for (const Lane& lane : lanes_)
    for (const auto& [partition, stream] : lane.streams) bytes += stream.bytes_in_flight();
  return bytes;
}

// A large lot shows that there is more already.
void Relay::gather() {
  if (last_lot_ >= large_lot) return;
  const auto rest = std::chrono::ceil<milliseconds>(last_ship_ + gather_time - now());
  if (rest.count() > 0) pause_.wait_for(rest);
}

void Relay::hold_leases() {
  const bool lost = !session_.is_open() || session_.epoch() != session_epoch_;
  if (!lost && now() < next_look_) return;
  if (lost) {
    forget_all();
    source_ = session_.run(bus_sql::source_id, {})[0][0].c_str();
  }
  for (Lane& lane : lanes_) {
    if (lane.leases.refresh(session_) || lost) take_charge(lane);
  }
  session_epoch_ = session_.epoch();
  last_contact_ = now();
  next_look_ = now() + relay_look_interval;
}

// Partitions that were held before go on; those that are new begin where their last relay had come to.
void Relay::take_charge(Lane& lane) {
  const std::set<int>& held = lane.leases.held();
  std::erase_if(lane.streams, [&](const auto& entry) { return !held.contains(entry.first); });
  std::set<int> fresh;
  for (const int partition : held) {
    if (!lane.streams.contains(partition)) fresh.insert(partition);
  }
  if (!fresh.empty()) {
    lane.offsets.ensure(session_, bus_.partitions());
    for (const auto& [partition, position] : lane.offsets.read(session_, fresh))
      lane.streams.emplace(partition, Stream(position.next_seq, ++generations_));
  }
  bus_.bell().handover().hold(lane.topic.table, held);
  lane.next_read = {};
}

void Relay::hear_answers() {
  if (!shipper_) return;
  for (const Answer& answer : shipper_->take_answers()) {
    Lane& lane = lanes_[answer.id.stream];
    // A partition may be in other hands by now; then its answers mean nothing.
    const auto stream = lane.streams.find(answer.partition);
    if (stream == lane.streams.end()) continue;
    if (!answer.failure.empty()) {
      if (answer.id.generation == stream->second.generation()) lane_failed(lane, stream->second, answer.failure);
      continue;
    }
    stream->second.delivered(answer.id.generation, answer.id.seq);
    lane.shipped.add();
  }
}

void Relay::lane_failed(Lane& lane, Stream& stream, const std::string& reason) {
  lane.failures.add();
  if (!std::exchange(lane.failing, true))
    log::error("relay.refused", {{"topic", lane.broker_topic}, {"reason", reason}});
  stream.begin_again(++generations_, now() + retry_after);
}

// One transaction for all topics.
void Relay::save_positions() {
  std::vector<std::pair<Lane*, std::map<int, OffsetMove>>> moves;
  for (Lane& lane : lanes_) {
    std::map<int, OffsetMove> of_lane;
    for (const auto& [partition, stream] : lane.streams) {
      if (stream.acknowledged() != stream.saved())
        of_lane[partition] = {{stream.saved(), as_before}, {stream.acknowledged(), as_before}};
    }
    if (!of_lane.empty()) moves.emplace_back(&lane, std::move(of_lane));
  }
  if (moves.empty()) return;
  pg::Transaction tx(session_);
  for (auto& [lane, of_lane] : moves) lane->offsets.advance(tx, of_lane);
  tx.commit();
  last_contact_ = now();
  for (auto& [lane, of_lane] : moves) {
    if (std::exchange(lane->failing, false)) log::info("relay.accepted_again", {{"topic", lane->broker_topic}});
    for (const auto& [partition, move] : of_lane) lane->streams.at(partition).save(move.next.next_seq);
  }
}

// What can be sent now of one topic.
Fetched Relay::read(Lane& lane, std::size_t bytes_under_way) {
  if (lane.gathers_until > now()) {
    next_gathered_ = std::min(next_gathered_, lane.gathers_until);
    return {};
  }
  if (bytes_under_way >= relay_bytes_in_flight_max) {
    held_up_ = true;
    return {};
  }
  std::map<int, std::int64_t> next_seqs;
  for (const auto& [partition, stream] : lane.streams) {
    if (stream.bytes_in_flight() >= stream_bytes_in_flight_max)
      held_up_ = true;
    else if (stream.may_send(now()))
      next_seqs[partition] = stream.next();
  }
  return next_seqs.empty() ? Fetched{} : read_from(lane, next_seqs);
}

// What this process has committed is handed over; the table is asked for what others may have.
Fetched Relay::read_from(Lane& lane, const std::map<int, std::int64_t>& next_seqs) {
  const std::uint64_t rings_from_others = bus_.bell().rings_from_others(lane.topic.table);
  bool gap = false;
  Fetched fetched;
  if (rings_from_others == lane.rings_from_others && now() < lane.next_read) {
    fetched = lane.reader.take(bus_.bell().handover(), next_seqs, gap);
    if (!fetched.empty() || !gap) return fetched;
  }
  fetched = lane.reader.fetch(session_, bus_.bell().handover(), next_seqs);
  if (session_.epoch() != session_epoch_) throw pg::Unavailable("the lease session was lost");
  last_contact_ = now();
  lane.rings_from_others = rings_from_others;
  lane.next_read = fetched.cut ? SteadyTime{} : now() + relay_unread_max;
  return fetched;
}

void Relay::send(Lane& lane, Fetched&& fetched) {
  const auto lane_number = static_cast<std::uint8_t>(&lane - lanes_.data());
  std::set<int> stopped;  // until the next turn
  for (std::size_t i = 0; i < fetched.records.size(); ++i) {
    const Received& received = fetched.records[i];
    if (stopped.contains(received.partition)) continue;
    Stream& stream = lane.streams.at(received.partition);
    const std::int64_t next_seq = fetched.after[i].next_seq;
    try {
      if (shipper_->ship(lane.broker_topic, received, {source_, received.seq, next_seq},
                         {lane_number, stream.generation(), received.seq})) {
        stream.sent(received.seq, next_seq, received.record.key.size() + received.record.value.size());
        continue;
      }
      held_up_ = true;  // its queue is full
    } catch (const std::runtime_error& error) {
      lane_failed(lane, stream, error.what());
    }
    stopped.insert(received.partition);
  }
}

// Somebody may have set them back to have it all shipped again.
void Relay::look_for_moved_positions() {
  for (Lane& lane : lanes_) {
    for (const auto& [partition, position] : lane.offsets.read(session_, lane.leases.held())) {
      const auto stream = lane.streams.find(partition);
      if (stream != lane.streams.end() && stream->second.saved() != position.next_seq)
        throw OffsetsMoved("the positions of the relay were set");
    }
  }
}

void Relay::report_lag() {
  for (Lane& lane : lanes_) {
    std::vector<int> partitions;
    for (const auto& [partition, stream] : lane.streams) partitions.push_back(partition);
    std::int64_t behind = 0;
    for (const auto& [partition, head] : lane.reader.heads(session_, partitions))
      behind += head - std::max<std::int64_t>(lane.streams.at(partition).acknowledged(), 1);
    lane.lag.set(static_cast<double>(std::max<std::int64_t>(behind, 0)));
  }
  last_contact_ = now();
}

// Nobody knows what of it another relay does by now.
void Relay::forget_all() {
  session_.close();
  for (Lane& lane : lanes_) {
    lane.leases.forget();
    lane.streams.clear();
    bus_.bell().handover().hold(lane.topic.table, {});
  }
}

void Relay::wait() {
  if (now() - last_contact_ >= bus_.settings().lease_timeout / relay_contact_share) {
    session_.run("SELECT 1");
    last_contact_ = now();
    if (session_.epoch() != session_epoch_) throw pg::Unavailable("the lease session was lost");
  }
  SteadyTime due = std::min({next_look_, next_save_, next_lag_, next_gathered_});
  for (const Lane& lane : lanes_) due = std::min(due, lane.next_read);
  const auto rest = std::chrono::ceil<milliseconds>(due - now());
  rings_ =
      bus_.bell().wait_for_any(rings_, held_up_ ? shortest_wait : std::clamp(rest, shortest_wait, relay_unread_max));
}

}  // namespace carillon::bus
