// Counts the requests of a server whose bodies are larger than usual, so that their memory has a bound. Thread-safe.
#pragma once
#include <atomic>
#include <memory>

namespace carillon::http::detail {

class LargeBodies {
 public:
  explicit LargeBodies(std::size_t max) : max_(max), taken_(std::make_shared<std::atomic<std::size_t>>(0)) {}

  // A place, free again when the last pointer to it goes, which may be after the server's end. Null: none is free.
  std::shared_ptr<const void> take() const {
    if (taken_->fetch_add(1) >= max_) {
      taken_->fetch_sub(1);
      return nullptr;
    }
    return {taken_.get(), [taken = taken_](const void*) { taken->fetch_sub(1); }};
  }

 private:
  const std::size_t max_;
  std::shared_ptr<std::atomic<std::size_t>> taken_;
};

}  // namespace carillon::http::detail
