// Structured logs: one JSON object a line on standard error. Thread-safe, never throws, drops nothing.
// Fields: ts, level, service, event, then the caller's, trace_id where set. Values whose field name says recipient, to,
// phone, email, owner_phone, phone_e164 are masked (values/recipient.hpp); names that say token, secret, password,
// code, api_key, authorization are replaced by "[redacted]".
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace carillon::log {

class Value {
 public:
  Value(std::string_view text) : text_(text) {}                       // NOLINT: implicit by intent
  Value(const char* text) : text_(text) {}                            // NOLINT
  Value(const std::string& text) : text_(text) {}                     // NOLINT
  Value(bool value) : text_(value ? "true" : "false"), raw_(true) {}  // NOLINT
  template <class N, std::enable_if_t<std::is_arithmetic_v<N> && !std::is_same_v<N, bool>, int> = 0>
  Value(N value) : text_(std::to_string(value)), raw_(true) {}  // NOLINT
  const std::string& text() const { return text_; }
  bool raw() const { return raw_; }

 private:
  std::string text_;
  bool raw_ = false;
};

using Field = std::pair<std::string_view, Value>;
enum class Level { DEBUG, INFO, WARN, ERROR };

// Settings of the process: CARILLON_LOG_LEVEL. `service` is written on every line.
void configure(std::string_view service, Level level);
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {},
           std::string_view trace_id = {});

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}, std::string_view trace_id = {}) {
  write(Level::DEBUG, event, fields, trace_id);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}, std::string_view trace_id = {}) {
  write(Level::INFO, event, fields, trace_id);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}, std::string_view trace_id = {}) {
  write(Level::WARN, event, fields, trace_id);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}, std::string_view trace_id = {}) {
  write(Level::ERROR, event, fields, trace_id);
}

}  // namespace carillon::log
