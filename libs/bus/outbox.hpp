// The transactional outbox: what one transaction publishes. One per transaction, one thread.
#pragma once
#include <map>
#include <stdexcept>
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
  // dlq-reason (stable code), dlq-detail, dlq-at.
  void dead_letter(const Topic& topic, const Received& received, std::string_view reason, std::string_view detail,
                   UtcTime now);

  bool empty() const { return records_.empty(); }
  void clear() { records_.clear(); }
  // Topic by name, records in the order published.
  const std::map<std::string_view, std::pair<Topic, std::vector<Record>>>& records() const { return records_; }

 private:
  std::map<std::string_view, std::pair<Topic, std::vector<Record>>> records_;
};

}  // namespace carillon::bus
