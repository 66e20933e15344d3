// Rows for Transaction::copy, in COPY's binary format. Fields come in the order of the columns; a row with another
// number of fields is a std::logic_error. Values as in binary_value.hpp.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/binary_value.hpp"

namespace carillon::pg {

struct Column {
  std::string_view name;
  Type type;
};

class CopyRows {
 public:
  explicit CopyRows(std::vector<Column> columns);
  CopyRows& field(std::string_view bytes) { return append(bytes); }
  CopyRows& field(const char* text) { return append(std::string_view{text}); }
  CopyRows& field(std::int64_t value) { return append(value); }
  CopyRows& field(int value) { return append(std::int64_t{value}); }
  CopyRows& field(bool value) { return append(value); }
  CopyRows& field(UtcTime value) { return append(value); }
  CopyRows& field(const std::optional<UtcTime>& value) { return value ? append(*value) : null(); }
  CopyRows& null();
  void end_row();
  void clear();

  std::size_t rows() const { return rows_; }
  const std::string& bytes() const { return bytes_; }
  std::string column_names() const;

 private:
  template <class Value>
  CopyRows& append(Value value) {
    append_value(bytes_, next_type(), value);
    return *this;
  }
  Type next_type();  // opens a row where none is open

  const std::vector<Column> columns_;
  std::string bytes_;
  std::size_t rows_ = 0, field_ = 0;
};

}  // namespace carillon::pg
