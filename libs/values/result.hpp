// Result: the answer of an operation that is expected to fail sometimes. Exceptions are for start-up and bugs.
#pragma once
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace carillon {

// Why something was refused. `code` is stable and machine-readable (the same word in logs, metrics and API answers),
// `detail` is for people and names the field or setting to mend. Never holds secrets or personal data.
struct Failure {
  std::string code;
  std::string detail;
};

template <class T, class E = Failure>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by intent
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by intent

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }

  // Asking for the side that is not there is a bug and throws std::bad_variant_access.
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const E& error() const { return std::get<1>(state_); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }

 private:
  std::variant<T, E> state_;
};

}  // namespace carillon
