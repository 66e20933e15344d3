#include "postgres/binary_rows.hpp"

#include <libpq-fe.h>

#include <stdexcept>

namespace carillon::pg {
namespace {

constexpr std::int64_t micros_to_2000 = 946'684'800'000'000;  // PostgreSQL counts from 2000-01-01

PGresult* raw(const std::shared_ptr<void>& result) {
  return static_cast<PGresult*>(result.get());
}

}  // namespace

int BinaryRows::size() const {
  return PQntuples(raw(result_));
}

std::string_view BinaryRows::bytes(int row, int column) const {
  return {PQgetvalue(raw(result_), row, column), static_cast<std::size_t>(PQgetlength(raw(result_), row, column))};
}

std::int64_t BinaryRows::integer(int row, int column) const {
  const std::string_view value = bytes(row, column);
  if (value.size() != 2 && value.size() != 4 && value.size() != 8) throw std::logic_error("column is not an integer");
  std::uint64_t bits = (static_cast<unsigned char>(value[0]) & 0x80U) ? ~std::uint64_t{0} : 0;  // sign extension
  for (const char byte : value) bits = (bits << 8) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(bits);
}

UtcTime BinaryRows::time(int row, int column) const {
  return from_unix_micros(integer(row, column) + micros_to_2000);
}

std::string BinaryRows::uuid(int row, int column) const {
  constexpr char hex_digits[] = "0123456789abcdef";
  const std::string_view value = bytes(row, column);
  if (value.size() != 16) throw std::logic_error("column is not a uuid");
  std::string text(36, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    const auto byte = static_cast<unsigned char>(value[i]);
    text[at++] = hex_digits[byte >> 4];
    text[at++] = hex_digits[byte & 15U];
  }
  return text;
}

bool BinaryRows::is_null(int row, int column) const {
  return PQgetisnull(raw(result_), row, column) != 0;
}

}  // namespace carillon::pg
