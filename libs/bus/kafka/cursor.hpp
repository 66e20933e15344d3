// Which records of a topic a consumer takes. The relay ships a partition's records in the order of their seqs, but may
// ship some again: after a crash, after the broker lost data, or a relay that was stopped and goes on sends what its
// heir has sent meanwhile, or not yet. Pure.
#pragma once
#include <cstdint>

namespace carillon::bus::kafka {

enum class Verdict {
  TAKE,
  OLD,    // has come before
  AHEAD,  // earlier ones are still missing; the relay in charge sends them and then this one again
};

class Cursor {
 public:
  // `next_seq` 0: nothing taken yet. Then what comes first is right when the outbox has nothing older: the broker may
  // have lost what it had, and the first to come be one from after that. `compacted`: the broker drops records between
  // others.
  Cursor(std::int64_t next_seq, bool compacted) : next_seq_(next_seq), compacted_(compacted) {}

  Verdict look(std::int64_t seq, std::int64_t next_seq) {
    if (seq < next_seq_) return Verdict::OLD;
    const std::int64_t expected = next_seq_ == 0 ? oldest_ : next_seq_;
    if (seq > expected && expected != 0 && !compacted_) return Verdict::AHEAD;
    next_seq_ = next_seq;
    return Verdict::TAKE;
  }
  std::int64_t next_seq() const { return next_seq_; }
  // Whether the outbox has to be asked before a record is looked at.
  bool wants_oldest() const { return next_seq_ == 0 && oldest_ == 0 && !compacted_; }
  void outbox_begins_at(std::int64_t seq) { oldest_ = seq; }

 private:
  std::int64_t next_seq_;
  std::int64_t oldest_ = 0;  // of the outbox; 0: not known, or it is empty
  bool compacted_;
};

}  // namespace carillon::bus::kafka
