#include "bus/kafka/message.hpp"

#include <charconv>

#include "time/utc_time.hpp"

namespace carillon::bus::kafka {
namespace {

std::optional<std::int64_t> positive_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

UtcTime published_at(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const std::int64_t millis = rd_kafka_message_timestamp(&message, &type);
  return from_unix_micros(type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : millis * 1'000);
}

std::string_view bytes(const void* data, std::size_t size) {
  return data == nullptr ? std::string_view{} : std::string_view(static_cast<const char*>(data), size);
}

}  // namespace

ReadMessage read_message(const rd_kafka_message_t& message) {
  ReadMessage read;
  Received& received = read.received;
  received.partition = message.partition;
  received.seq = message.offset;
  received.published_at = published_at(message);
  received.record.key = bytes(message.key, message.key_len);
  received.record.value = bytes(message.payload, message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return read;
  Origin origin;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    const std::string_view text = bytes(value, size);
    if (name == source_header)
      origin.source = text;
    else if (name == seq_header)
      origin.seq = positive_number(text).value_or(0);
    else if (name == next_seq_header)
      origin.next_seq = positive_number(text).value_or(0);
    else
      received.record.headers.emplace_back(name, text);
  }
  if (origin.next_seq == 0) origin.next_seq = origin.seq + 1;
  if (!origin.source.empty() && origin.seq > 0 && origin.next_seq > origin.seq) read.origin = std::move(origin);
  return read;
}

rd_kafka_resp_err_t produce(rd_kafka_t* client, const char* topic, const Received& received, const Origin& origin,
                            void* opaque) {
  const Record& record = received.record;
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size() + 2);
  const auto add = [headers](std::string_view name, std::string_view value) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  };
  for (const auto& [name, value] : record.headers) add(name, value);
  add(source_header, origin.source);
  add(seq_header, std::to_string(origin.seq));
  if (origin.is_corrupt()) add(next_seq_header, std::to_string(origin.next_seq));
  // A record without a key must not have an empty one; one without a value must not be a tombstone.
  char nothing = 0;
  void* const key = record.key.empty() ? nullptr : const_cast<char*>(record.key.data());
  void* const value = record.value.empty() ? &nothing : const_cast<char*>(record.value.data());
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(received.partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, record.key.size()),
      RD_KAFKA_V_VALUE(value, record.value.size()), RD_KAFKA_V_TIMESTAMP(unix_micros(received.published_at) / 1'000),
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);
  return error;
}

}  // namespace carillon::bus::kafka
