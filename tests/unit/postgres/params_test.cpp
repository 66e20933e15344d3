#include <catch2/catch.hpp>

#include "postgres/connection.hpp"
#include "postgres/errors.hpp"
#include "postgres/params.hpp"

using namespace carillon;

TEST_CASE("array: quotes, backslashes, braces and commas are text, not structure") {
  pg::Array array;
  array.add(R"(a"b\c,{d})");
  array.add("");
  array.add_null();
  CHECK(array.size() == 3);
  CHECK(array.take() == R"({"a\"b\\c,{d}","",NULL})");
}

TEST_CASE("array: is empty and usable again after take") {
  pg::Array array;
  array.add(7);
  CHECK(array.take() == "{7}");
  CHECK(array.size() == 0);
  array.add(true);
  array.add(std::int64_t{-9'223'372'036'854'775'807 - 1});
  CHECK(array.take() == "{t,-9223372036854775808}");
  CHECK(pg::Array{}.take() == "{}");
}

TEST_CASE("array: bytes are written in hex") {
  pg::Array array;
  array.add_bytes(std::string_view("\x00\xff\"", 3));
  CHECK(array.take() == R"({"\\x00ff22"})");
}

TEST_CASE("params: a NUL byte in text is refused, not cut") {
  pg::Params params;
  CHECK_THROWS_AS(params.add(std::string_view("a\0b", 3)), pg::StatementError);
  pg::Array array;
  CHECK_THROWS_AS(array.add(std::string_view("\0", 1)), pg::StatementError);
  pg::CopyRows rows({{"text", pg::Type::TEXT}});
  CHECK_THROWS_AS(rows.field(std::string_view("\0", 1)), pg::StatementError);
}

TEST_CASE("binary array: follows PostgreSQL's array format") {
  pg::BinaryArray array(pg::BinaryArray::Of::BYTEA);
  array.add("ab");
  const std::string value = array.take();
  CHECK(value == std::string("\0\0\0\1"
                             "\0\0\0\0"
                             "\0\0\0\x11"
                             "\0\0\0\1"
                             "\0\0\0\1"
                             "\0\0\0\2"
                             "ab",
                             26));
}

TEST_CASE("binary array: what the element type can't hold is refused") {
  using Of = pg::BinaryArray::Of;
  CHECK_THROWS_AS(pg::BinaryArray(Of::TEXT).add(std::string_view("a\0", 2)), pg::StatementError);
  CHECK_THROWS_AS(pg::BinaryArray(Of::INT2).add(32'768), pg::StatementError);
  CHECK_THROWS_AS(pg::BinaryArray(Of::INT4).add(std::int64_t{-2'147'483'649}), pg::StatementError);
  for (const char* text : {"", "0190", "0190a6f2-7b3c-7def-8123-456789abcde", "0190a6f2-7b3c-7def-8123-456789abcdeg",
                           "0190a6f27b3c7def8123456789abcdef",
                           "\x10"
                           "190a6f2-7b3c-7def-8123-456789abcdef",
                           "0190a6f2-7b3c-7def-8123-456789abcdef0"}) {
    CHECK_THROWS_AS(pg::BinaryArray(Of::UUID).add(text), pg::StatementError);
  }
}

TEST_CASE("copy rows: follow COPY's binary format") {
  pg::CopyRows rows({{"id", pg::Type::INT2}, {"text", pg::Type::TEXT}});
  rows.field(5).field("ab").end_row();
  rows.field(-1).null().end_row();
  CHECK(rows.column_names() == "id, text");
  CHECK(rows.rows() == 2);
  const std::string header("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19);
  CHECK(rows.bytes() == header + std::string("\0\2\0\0\0\2\0\5\0\0\0\2"
                                             "ab"
                                             "\0\2\0\0\0\2\xff\xff\xff\xff\xff\xff",
                                             26));
  rows.clear();
  CHECK(rows.bytes() == header);
}

TEST_CASE("copy rows: a row has a field of the right kind for each column") {
  pg::CopyRows rows({{"id", pg::Type::INT2}, {"text", pg::Type::TEXT}});
  CHECK_THROWS_AS(rows.field("text"), std::logic_error);
  rows.clear();
  rows.field(1);
  CHECK_THROWS_AS(rows.end_row(), std::logic_error);
  CHECK_THROWS_AS(rows.field(true), std::logic_error);
  rows.clear();
  rows.field(1).field("a");
  CHECK_THROWS_AS(rows.field("b"), std::logic_error);
}

TEST_CASE("from_bytea: gives back every byte and refuses other text") {
  CHECK(pg::from_bytea("\\x00ff0a") == std::string("\0\xff\n", 3));
  CHECK(pg::from_bytea("\\x") == "");
  CHECK_THROWS_AS(pg::from_bytea("\\x0"), std::logic_error);
  CHECK_THROWS_AS(pg::from_bytea("\\x0g"), std::logic_error);
  CHECK_THROWS_AS(pg::from_bytea("abc"), std::logic_error);
}

TEST_CASE("to_utc: reads PostgreSQL's timestamptz text") {
  CHECK(pg::to_utc("1970-01-01 00:00:01+00") == from_unix_micros(1'000'000));
  CHECK(pg::to_utc("1970-01-01 00:00:01.5+00") == from_unix_micros(1'500'000));
  CHECK(pg::to_utc("2026-01-31 23:59:59.000001+00") == *from_rfc3339("2026-01-31T23:59:59.000001Z"));
  CHECK_THROWS_AS(pg::to_utc("yesterday"), std::logic_error);
}
