#include <catch2/catch.hpp>

#include "bus/postgres/record_batch.hpp"

using namespace carillon::bus;

namespace {

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

bool same(const Record& a, const Record& b) {
  return a.key == b.key && a.headers == b.headers && a.value == b.value;
}

std::string sample(int records) {
  RecordBatchWriter writer;
  for (int i = 0; i < records; ++i)
    writer.add({"key" + std::to_string(i), {{"name", "value"}, {"", ""}}, std::string(200, 'v')});
  return writer.take();
}

}  // namespace

TEST_CASE("record batch: what was written is read, whatever the bytes") {
  const std::vector<Record> records{{"", {}, ""},
                                    {every_byte(), {{every_byte(), every_byte()}, {"", ""}}, every_byte()},
                                    {"k", {}, std::string(300'000, '\0')}};
  RecordBatchWriter writer;
  for (const Record& record : records) REQUIRE(writer.add(record));
  std::vector<Record> read;
  REQUIRE(read_record_batch(writer.take(), 3, read));
  REQUIRE(read.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(same(read[i], records[i]));
  CHECK(writer.records() == 0);
}

TEST_CASE("record batch: takes no more than its bounds, but any single record") {
  RecordBatchWriter writer;
  CHECK(writer.add({"k", {}, std::string(record_bytes_max, 'x')}));
  CHECK_FALSE(writer.add({"k", {}, ""}));
  writer.take();
  for (int i = 0; i < batch_row_records_max; ++i) CHECK(writer.add({"k", {}, "v"}));
  CHECK_FALSE(writer.add({"k", {}, "v"}));
  writer.take();
  CHECK(writer.add({"k", {}, std::string(batch_row_bytes_max / 2, 'x')}));
  CHECK_FALSE(writer.add({"k", {}, std::string(batch_row_bytes_max / 2, 'x')}));
}

TEST_CASE("record batch: cut bytes, other counts, other versions and trailing bytes are refused") {
  const std::string bytes = sample(3);
  std::vector<Record> read{{"before", {}, ""}};
  CHECK_FALSE(read_record_batch(bytes, 2, read));
  CHECK_FALSE(read_record_batch(bytes, 4, read));
  CHECK_FALSE(read_record_batch(bytes, 0, read));
  CHECK_FALSE(read_record_batch(bytes + "x", 3, read));
  CHECK_FALSE(read_record_batch("", 1, read));
  CHECK_FALSE(read_record_batch("\x02" + bytes.substr(1), 3, read));
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    REQUIRE_FALSE(read_record_batch(std::string_view(bytes).substr(0, cut), 3, read));
  CHECK(read.size() == 1);
  CHECK(read_record_batch(bytes, 3, read));
}

TEST_CASE("record batch: lengths beyond the bytes that are there are refused") {
  std::vector<Record> read;
  CHECK_FALSE(read_record_batch("\x01\xff\xff\xff\xff\x0f", 1, read));
  CHECK_FALSE(read_record_batch("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 1, read));
  CHECK_FALSE(read_record_batch(std::string_view("\x01\x00\xff\xff\xff\x7f", 6), 1, read));
}

TEST_CASE("record batch: any single changed byte is either refused or changes only contents") {
  const std::string bytes = sample(2);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    std::vector<Record> read;
    const bool accepted = read_record_batch(changed, 2, read);
    REQUIRE(read.size() == (accepted ? 2U : 0U));
  }
}
