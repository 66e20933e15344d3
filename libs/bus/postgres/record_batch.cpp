#include "bus/postgres/record_batch.hpp"

namespace carillon::bus {
namespace {

constexpr char version = 1;
constexpr std::size_t headers_max = 1'000;

void append_text(std::string& out, std::string_view text) {
  events::append_length(out, text.size());
  out += text;
}

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }

  bool text(std::string& value) {
    std::size_t size = 0;
    if (!events::take_length(rest_, size) || size > rest_.size()) return false;
    value.assign(rest_.data(), size);
    rest_.remove_prefix(size);
    return true;
  }

  bool record(Record& record) {
    std::size_t count = 0;
    return text(record.key) && events::take_length(rest_, count) && count <= headers_max &&
           Headers::unpack(rest_, count, record.headers) && text(record.value);
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::size_t bytes_bound(const Record& record) {
  constexpr std::size_t length_bytes_max = 5;
  return record.key.size() + record.headers.packed().size() + record.value.size() + 3 * length_bytes_max;
}

bool RecordBatchWriter::add(const Record& record) {
  if (records_ > 0 && (records_ == batch_row_records_max || bytes_.size() + bytes_bound(record) > batch_row_bytes_max))
    return false;
  if (records_ == 0) bytes_.push_back(version);
  append_text(bytes_, record.key);
  events::append_length(bytes_, record.headers.size());
  bytes_ += record.headers.packed();
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
