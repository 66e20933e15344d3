#include "bus/postgres/record_batch.hpp"

namespace carillon::bus {
namespace {

constexpr char version = 1;
constexpr std::size_t headers_max = 1'000;

void append_number(std::string& out, std::size_t value) {
  while (value >= 0x80U) {
    out.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out += text;
}

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }

  bool number(std::size_t& value) {
    value = 0;
    for (unsigned shift = 0; shift <= 28 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::size_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return true;
    }
    return false;
  }

  bool text(std::string& value) {
    std::size_t size = 0;
    if (!number(size) || size > rest_.size()) return false;
    value.assign(rest_.data(), size);
    rest_.remove_prefix(size);
    return true;
  }

  bool record(Record& record) {
    std::size_t count = 0;
    if (!text(record.key) || !number(count) || count > headers_max) return false;
    record.headers.resize(count);
    for (auto& [name, value] : record.headers) {
      if (!text(name) || !text(value)) return false;
    }
    return text(record.value);
  }

 private:
  std::string_view rest_;
};

std::size_t bytes_bound(const Record& record) {
  constexpr std::size_t length_bytes_max = 5;
  std::size_t bytes = record.key.size() + record.value.size() + 3 * length_bytes_max;
  for (const auto& [name, value] : record.headers) bytes += name.size() + value.size() + 2 * length_bytes_max;
  return bytes;
}

}  // namespace

bool RecordBatchWriter::add(const Record& record) {
  if (records_ > 0 && (records_ == batch_row_records_max || bytes_.size() + bytes_bound(record) > batch_row_bytes_max))
    return false;
  if (records_ == 0) bytes_.push_back(version);
  append_text(bytes_, record.key);
  append_number(bytes_, record.headers.size());
  for (const auto& [name, value] : record.headers) {
    append_text(bytes_, name);
    append_text(bytes_, value);
  }
  append_text(bytes_, record.value);
  ++records_;
  return true;
}

std::string RecordBatchWriter::take() {
  records_ = 0;
  return std::exchange(bytes_, {});
}

bool read_record_batch(std::string_view bytes, int records, std::vector<Record>& out) {
  if (bytes.empty() || bytes.front() != version || records < 1 || records > batch_row_records_max) return false;
  Cursor cursor(bytes.substr(1));
  const std::size_t before = out.size();
  for (int i = 0; i < records; ++i) {
    if (!cursor.record(out.emplace_back())) {
      out.resize(before);
      return false;
    }
  }
  if (cursor.at_end()) return true;
  out.resize(before);
  return false;
}

}  // namespace carillon::bus
