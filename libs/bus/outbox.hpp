// The transactional outbox: what one transaction publishes. One per transaction, one thread.
#pragma once
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bus/record.hpp"
#include "bus/topics.hpp"

namespace carillon::bus {

// A record above record_bytes_max. Deterministic: trying again gives the same answer.
struct RecordTooLarge : std::length_error {
  using std::length_error::length_error;
};

class Outbox {
 public:
  // Keeps the record until the transaction's end. Throws RecordTooLarge.
  void publish(const Topic& topic, Record record);
  // Puts `received` as it came on the topic's dead-letter stream, with headers dlq-topic, dlq-partition, dlq-seq,
  // dlq-reason (stable code), dlq-detail, dlq-at. Of one above the bounds only the beginning, with the header
  // dlq-cut-from-bytes.
  void dead_letter(const Topic& topic, const Received& received, std::string_view reason, std::string_view detail,
                   UtcTime now);

  bool empty() const { return records_.empty(); }
  void clear() {
    records_.clear();
    placed_.clear();
  }
  // Topic by name, records in the order published.
  const std::map<std::string_view, std::pair<Topic, std::vector<Record>>>& records() const { return records_; }

  // For the engine. flush() notes which records make up each row it writes; after the commit wake() takes them.
  struct PlacedRow {
    std::string_view topic;  // name
    int partition = 0;
    std::int64_t base_seq = 0;
    UtcTime published_at{};
    std::vector<std::uint32_t> positions;  // in records()
  };
  void note_placed(PlacedRow row) { placed_.push_back(std::move(row)); }
  std::vector<PlacedRow> take_placed() { return std::exchange(placed_, {}); }
  std::vector<Record> take_records(const PlacedRow& row);

 private:
  std::map<std::string_view, std::pair<Topic, std::vector<Record>>> records_;
  std::vector<PlacedRow> placed_;
};

}  // namespace carillon::bus
