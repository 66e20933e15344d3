// One partition of one topic on its way from the outbox table to the broker. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>

#include "time/clock.hpp"

namespace carillon::bus {

// Records are sent in order; answers come in any. What counts is the seq before which all are acknowledged: it is what
// is saved, and where sending begins again after a failure, so a record may be sent twice and consumers see through it.
class Stream {
 public:
  // `generation`: another one for each stream and each new beginning, so that late answers are known for what they are.
  Stream(std::int64_t position, std::uint16_t generation)
      : saved_(position), acknowledged_(position), next_(position), generation_(generation) {}

  std::int64_t next() const { return next_; }                  // the seq to send next
  std::int64_t acknowledged() const { return acknowledged_; }  // everything before is on the broker
  std::int64_t saved() const { return saved_; }                // as in the database
  std::uint16_t generation() const { return generation_; }
  std::size_t bytes_in_flight() const { return bytes_in_flight_; }
  bool may_send(SteadyTime now) const { return now >= paused_until_; }

  // The table's first record may be further on than where nobody has read yet.
  void sent(std::int64_t seq, std::int64_t next_seq, std::size_t bytes) {
    if (in_flight_.empty() && seq > acknowledged_) acknowledged_ = seq;
    next_ = next_seq;
    bytes_in_flight_ += bytes;
    in_flight_.push_back({seq, next_seq, bytes});
  }
  // One behind a record that failed doesn't count: both are sent again.
  void delivered(std::uint16_t generation, std::int64_t seq) {
    if (generation != generation_ || in_flight_.empty() || in_flight_.front().seq != seq) return;
    acknowledged_ = in_flight_.front().next_seq;
    bytes_in_flight_ -= in_flight_.front().bytes;
    in_flight_.pop_front();
  }
  // From the first that isn't acknowledged, not before `at`.
  void begin_again(std::uint16_t new_generation, SteadyTime at = {}) {
    generation_ = new_generation;
    next_ = acknowledged_;
    in_flight_.clear();
    bytes_in_flight_ = 0;
    paused_until_ = at;
  }
  void save(std::int64_t position) { saved_ = position; }

 private:
  struct Sent {
    std::int64_t seq, next_seq;
    std::size_t bytes;
  };
  std::int64_t saved_, acknowledged_, next_;
  std::deque<Sent> in_flight_;
  std::size_t bytes_in_flight_ = 0;
  std::uint16_t generation_;
  SteadyTime paused_until_{};
};

}  // namespace carillon::bus
