#include "postgres/copy_rows.hpp"

#include <stdexcept>

namespace carillon::pg {
namespace {

// Signature, flags and the length of the header's extension (PostgreSQL manual, COPY, "Binary Format"). The end of the
// data needs no trailer with the protocol used here.
constexpr std::string_view file_header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

}  // namespace

CopyRows::CopyRows(std::vector<Column> columns) : columns_(std::move(columns)), bytes_(file_header) {}

Type CopyRows::next_type() {
  if (field_ == columns_.size()) throw std::logic_error("a COPY row has more fields than columns");
  if (field_ == 0) {
    const auto count = static_cast<unsigned>(columns_.size());
    bytes_.push_back(static_cast<char>(count >> 8));
    bytes_.push_back(static_cast<char>(count & 0xFFU));
  }
  return columns_[field_++].type;
}

CopyRows& CopyRows::null() {
  next_type();
  append_null(bytes_);
  return *this;
}

void CopyRows::end_row() {
  if (field_ != columns_.size()) throw std::logic_error("a COPY row has fewer fields than columns");
  field_ = 0;
  ++rows_;
}

void CopyRows::clear() {
  bytes_ = file_header;
  rows_ = field_ = 0;
}

std::string CopyRows::column_names() const {
  std::string names;
  for (const Column& column : columns_) {
    if (!names.empty()) names += ", ";
    names += column.name;
  }
  return names;
}

}  // namespace carillon::pg
