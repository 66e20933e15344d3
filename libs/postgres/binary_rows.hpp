// Rows of an answer in PostgreSQL's binary format. Views into it live as long as it does.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "time/utc_time.hpp"

namespace carillon::pg {

class BinaryRows {
 public:
  // Takes over a PGresult and what frees it.
  explicit BinaryRows(std::shared_ptr<void> result) : result_(std::move(result)) {}
  int size() const;
  std::int64_t integer(int row, int column) const;    // int2, int4, int8
  UtcTime time(int row, int column) const;            // timestamptz
  std::string_view bytes(int row, int column) const;  // bytea, text
  std::string uuid(int row, int column) const;        // as 36 characters
  bool is_null(int row, int column) const;

 private:
  std::shared_ptr<void> result_;
};

}  // namespace carillon::pg
