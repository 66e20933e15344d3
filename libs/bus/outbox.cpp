#include "bus/outbox.hpp"

#include <string>

namespace carillon::bus {
namespace {

// Kept of a record that is too large to be kept: another producer's, for a broker's bound is above ours.
constexpr std::size_t cut_value_bytes_max = 64 * 1024;
constexpr std::size_t cut_key_bytes_max = 1024;
constexpr std::size_t detail_bytes_max = 1024;  // dead-letter headers come on top of record_bytes_max

std::size_t published_bytes(const Record& record) {
  return record.key.size() + record.headers.packed().size() + record.value.size();
}

Record cut_to_bounds(const Record& record) {
  const std::size_t bytes = published_bytes(record);
  if (bytes <= record_bytes_max && record.headers.size() <= record_headers_max) return record;
  Record cut{record.key.substr(0, cut_key_bytes_max), {}, record.value.substr(0, cut_value_bytes_max)};
  if (record.headers.packed().size() <= cut_value_bytes_max && record.headers.size() <= record_headers_max)
    cut.headers = record.headers;
  cut.headers.emplace_back("dlq-cut-from-bytes", std::to_string(bytes));
  return cut;
}

}  // namespace

void Outbox::publish(const Topic& topic, Record record) {
  const std::size_t bytes = published_bytes(record);
  if (bytes > record_bytes_max) {
    throw RecordTooLarge("record of " + std::to_string(bytes) + " bytes for " + std::string(topic.name) + ", at most " +
                         std::to_string(record_bytes_max) + " are allowed");
  }
  if (record.headers.size() > record_headers_max) {
    throw RecordTooLarge("record with " + std::to_string(record.headers.size()) + " headers for " +
                         std::string(topic.name) + ", at most " + std::to_string(record_headers_max) + " are allowed");
  }
  auto& [kept_topic, records] = records_[topic.name];
  kept_topic = topic;
  records.push_back(std::move(record));
}

std::vector<Record> Outbox::take_records(const PlacedRow& row) {
  std::vector<Record>& from = records_.at(row.topic).second;
  std::vector<Record> taken;
  taken.reserve(row.positions.size());
  for (const std::uint32_t position : row.positions) taken.push_back(std::move(from[position]));
  return taken;
}

void Outbox::dead_letter(const Topic& topic, const Received& received, std::string_view reason, std::string_view detail,
                         UtcTime now) {
  const Topic target = dead_letter_topic(topic);
  Record record = cut_to_bounds(received.record);
  record.headers.emplace_back("dlq-topic", topic.name);
  record.headers.emplace_back("dlq-partition", std::to_string(received.partition));
  record.headers.emplace_back("dlq-seq", std::to_string(received.seq));
  record.headers.emplace_back("dlq-reason", reason);
  record.headers.emplace_back("dlq-detail", detail.substr(0, detail_bytes_max));
  record.headers.emplace_back("dlq-at", to_rfc3339(now));
  auto& [kept_topic, records] = records_[target.name];
  kept_topic = target;
  records.push_back(std::move(record));  // not refused for its size: it was let in once
}

}  // namespace carillon::bus
