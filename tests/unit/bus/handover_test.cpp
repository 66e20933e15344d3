#include "bus/postgres/handover.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using bus::CommittedRow;
using bus::Handover;

namespace {

CommittedRow row(int partition, std::int64_t base_seq, int records, std::size_t bytes = 1) {
  CommittedRow row{partition, base_seq, {}, {}};
  for (int i = 0; i < records; ++i) row.records.push_back({"", {}, std::string(bytes, 'x')});
  return row;
}

std::vector<std::int64_t> seqs(const std::vector<CommittedRow>& rows) {
  std::vector<std::int64_t> seqs;
  for (const CommittedRow& row : rows) seqs.push_back(row.base_seq);
  return seqs;
}

struct Taken {
  std::vector<std::int64_t> base_seqs;
  bool gap = false;
};

Taken take(Handover& handover, int partition, std::int64_t next_seq, std::size_t records_max = 100) {
  Taken taken;
  taken.base_seqs = seqs(handover.take("t", partition, next_seq, records_max, taken.gap));
  return taken;
}

using Seqs = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("hand-over: rows come in seq order, whatever the order of their arrival, and once") {
  Handover handover;
  handover.hold("t", {0});
  handover.put("t", row(0, 4, 2));
  handover.put("t", row(0, 1, 3));
  CHECK(take(handover, 0, 1).base_seqs == Seqs{1, 4});
  CHECK(take(handover, 0, 1).base_seqs.empty());
}

TEST_CASE("hand-over: nothing is handed over past a gap, and the gap is told") {
  Handover handover;
  handover.hold("t", {0});
  handover.put("t", row(0, 1, 2));
  handover.put("t", row(0, 5, 1));
  const Taken before = take(handover, 0, 1);
  CHECK(before.base_seqs == Seqs{1});
  CHECK(before.gap);
  CHECK(take(handover, 0, 3).gap);
  const Taken after = take(handover, 0, 5);
  CHECK(after.base_seqs == Seqs{5});
  CHECK_FALSE(after.gap);
}

TEST_CASE("hand-over: what was read otherwise is forgotten, also a row read in part") {
  Handover handover;
  handover.hold("t", {0});
  handover.put("t", row(0, 1, 3));
  handover.put("t", row(0, 4, 3));
  const Taken taken = take(handover, 0, 5);
  CHECK(taken.base_seqs.empty());
  CHECK_FALSE(taken.gap);
  CHECK(take(handover, 0, 1).base_seqs.empty());
}

TEST_CASE("hand-over: who reads the rest elsewhere takes rows over gaps, and puts back what it can't use") {
  Handover handover;
  handover.hold("t", {0});
  for (const int base_seq : {1, 4, 6, 9}) handover.put("t", row(0, base_seq, 1));
  std::vector<CommittedRow> taken = handover.take_over_gaps("t", 0, 4, 2);
  CHECK(seqs(taken) == Seqs{4, 6});
  handover.put("t", std::move(taken.back()));
  CHECK(seqs(handover.take_over_gaps("t", 0, 5, 100)) == Seqs{6, 9});
  CHECK(handover.take_over_gaps("t", 1, 1, 100).empty());
}

TEST_CASE("hand-over: only partitions held are kept") {
  Handover handover;
  CHECK_FALSE(handover.wanted("t", 0));
  handover.hold("t", {0, 1});
  CHECK(handover.wanted("t", 1));
  CHECK_FALSE(handover.wanted("u", 1));
  handover.put("t", row(1, 1, 1));
  handover.put("t", row(2, 1, 1));
  handover.hold("t", {0, 2});
  CHECK_FALSE(handover.wanted("t", 1));
  CHECK(take(handover, 1, 1).base_seqs.empty());
  CHECK(take(handover, 2, 1).base_seqs.empty());
}

TEST_CASE("hand-over: a taker gets at most one row more than asked for") {
  Handover handover;
  handover.hold("t", {0});
  for (int i = 0; i < 4; ++i) handover.put("t", row(0, 1 + 10 * i, 10));
  CHECK(take(handover, 0, 1, 15).base_seqs == Seqs{1, 11});
}

TEST_CASE("hand-over: memory is bounded; the oldest rows go first") {
  Handover handover;
  handover.hold("t", {0, 1});
  constexpr std::size_t quarter = Handover::topic_bytes_max / 4;
  for (int i = 0; i < 6; ++i) handover.put("t", row(0, 1 + i, 1, quarter));
  handover.put("t", row(1, 1, 1));
  CHECK(take(handover, 0, 1).gap);
  CHECK(take(handover, 0, 4).base_seqs == Seqs{4, 5, 6});
  CHECK(take(handover, 1, 1).base_seqs == Seqs{1});
}
