#include "bus/kafka/statistics.hpp"

#include <rapidjson/document.h>

#include <algorithm>

#include "bus/postgres/engine.hpp"

namespace carillon::bus::kafka {
namespace {

constexpr double microseconds_per_second = 1e6;

std::int64_t number(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsInt64() ? member->value.GetInt64() : 0;
}

// Of an entry in "brokers" that stands for no broker (the group's coordinator, an address not yet known) the id is -1,
// but what is sent there counts.
void add_broker(Statistics& sum, const rapidjson::Value& broker) {
  sum.requests += number(broker, "tx");
  sum.failures += number(broker, "txerrs") + number(broker, "rxerrs") + number(broker, "req_timeouts");
  sum.bytes_sent += number(broker, "txbytes");
  sum.bytes_received += number(broker, "rxbytes");
  const auto state = broker.FindMember("state");
  if (number(broker, "nodeid") >= 0 && state != broker.MemberEnd() && state->value.IsString() && state->value == "UP")
    ++sum.brokers_up;
  const auto round_trip = broker.FindMember("rtt");
  if (round_trip != broker.MemberEnd() && round_trip->value.IsObject())
    sum.round_trip_p99_seconds = std::max(
        sum.round_trip_p99_seconds, static_cast<double>(number(round_trip->value, "p99")) / microseconds_per_second);
}

double grown(std::int64_t now, std::int64_t before) {
  return static_cast<double>(std::max<std::int64_t>(now - before, 0));
}

}  // namespace

std::optional<Statistics> read_statistics(std::string_view json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return {};
  const auto brokers = document.FindMember("brokers");
  if (brokers == document.MemberEnd() || !brokers->value.IsObject()) return {};
  Statistics sum;
  for (const auto& [name, broker] : brokers->value.GetObject())
    if (broker.IsObject()) add_broker(sum, broker);
  sum.waiting = number(document, "msg_cnt");
  const auto topics = document.FindMember("topics");
  if (topics == document.MemberEnd() || !topics->value.IsObject()) return sum;
  for (const auto& [name, topic] : topics->value.GetObject()) {
    const auto partitions = topic.FindMember("partitions");
    if (partitions == topic.MemberEnd() || !partitions->value.IsObject()) continue;
    for (const auto& [id, partition] : partitions->value.GetObject()) sum.waiting += number(partition, "fetchq_cnt");
  }
  return sum;
}

ClientMetrics::ClientMetrics(const PostgresBus& bus, const std::string& client) {
  const metrics::Labels labels{{"client", client}};
  requests_ = bus.counter("carillon_kafka_requests_total", "Requests to brokers", labels);
  failures_ = bus.counter("carillon_kafka_request_failures_total",
                          "Requests to brokers that failed or had no answer in time", labels);
  bytes_sent_ = bus.counter("carillon_kafka_sent_bytes_total", "Bytes sent to brokers", labels);
  bytes_received_ = bus.counter("carillon_kafka_received_bytes_total", "Bytes received from brokers", labels);
  brokers_up_ = bus.gauge("carillon_kafka_brokers_up", "Brokers that the client is connected to", labels);
  round_trip_ = bus.gauge("carillon_kafka_round_trip_seconds",
                          "99 % of requests had their answer within this time; of the slowest broker", labels);
  waiting_ = bus.gauge("carillon_kafka_waiting_records",
                       "Records in the client: not acknowledged yet, or fetched and not consumed yet", labels);
}

void ClientMetrics::client_made() {
  before_ = {};
}

void ClientMetrics::take(std::string_view json) {
  const auto now = read_statistics(json);
  if (!now) return;
  requests_.add(grown(now->requests, before_.requests));
  failures_.add(grown(now->failures, before_.failures));
  bytes_sent_.add(grown(now->bytes_sent, before_.bytes_sent));
  bytes_received_.add(grown(now->bytes_received, before_.bytes_received));
  brokers_up_.set(now->brokers_up);
  round_trip_.set(now->round_trip_p99_seconds);
  waiting_.set(static_cast<double>(now->waiting));
  before_ = *now;
}

}  // namespace carillon::bus::kafka
