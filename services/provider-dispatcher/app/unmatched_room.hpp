// How many more receipts of unknown calls may be kept. Counted now and then, and reckoned in between by each process
// for itself, so over several instances the bound may be passed by what they keep between two counts. Thread-safe.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>

#include "provider-dispatcher/app/apply_receipts.hpp"

namespace carillon::dispatcher {

class UnmatchedRoom {
 public:
  std::size_t room() const {
    return static_cast<std::size_t>(std::max<std::int64_t>(0, unmatched_receipts_max - kept_));
  }
  void kept(std::size_t more) { kept_ += static_cast<std::int64_t>(more); }
  void counted(std::int64_t rows) { kept_ = rows; }

 private:
  std::atomic<std::int64_t> kept_{0};
};

}  // namespace carillon::dispatcher
