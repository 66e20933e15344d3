// The bytes of one row of a topic's table: version byte 1, then per record key, headers and value, each length-prefixed
// (unsigned LEB128). Pure; the decoder trusts nothing.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bus/record.hpp"

namespace carillon::bus {

inline constexpr int batch_row_records_max = 500;  // readers look this far back from an offset; the table checks it too
inline constexpr std::size_t batch_row_bytes_max = 512 * 1024;  // a single larger record has a row of its own

std::size_t bytes_bound(const Record& record);  // what it takes in a batch at most

class RecordBatchWriter {
 public:
  // False when the batch has records already and this one would take it past a bound.
  bool add(const Record& record);
  int records() const { return records_; }
  std::size_t size() const { return bytes_.size(); }
  void reserve(std::size_t bytes) { bytes_.reserve(std::min(bytes, batch_row_bytes_max)); }
  std::string take();  // the writer is empty afterwards

 private:
  std::string bytes_;
  int records_ = 0;
};

// Appends exactly `records` records to `out`; false (and `out` as before) when the bytes are not a batch of that many.
bool read_record_batch(std::string_view bytes, int records, std::vector<Record>& out);

}  // namespace carillon::bus
