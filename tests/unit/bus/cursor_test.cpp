// Which records of a Kafka topic are taken, and how far a relay's partition has come.
#include "bus/kafka/cursor.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "bus/relay/stream.hpp"

using namespace carillon;
using namespace carillon::bus;
using kafka::Cursor;
using kafka::Verdict;

namespace {

std::vector<int> taken(Cursor cursor, const std::vector<int>& seqs) {
  std::vector<int> taken;
  for (const int seq : seqs)
    if (cursor.look(seq, seq + 1) == Verdict::TAKE) taken.push_back(seq);
  return taken;
}

constexpr SteadyTime now{};

}  // namespace

TEST_CASE("cursor: takes each seq once and in order, whatever comes again or too early") {
  CHECK(taken(Cursor(5, false), {5, 6, 7}) == std::vector{5, 6, 7});
  CHECK(taken(Cursor(5, false), {3, 4, 5, 4, 5, 6}) == std::vector{5, 6});
  // A relay that was stopped sends 8 and 9 before its heir has come to 6.
  CHECK(taken(Cursor(5, false), {5, 8, 9, 6, 7, 8, 9, 10}) == std::vector{5, 6, 7, 8, 9, 10});
}

TEST_CASE("cursor: whoever has read nothing yet begins with what comes first") {
  CHECK(taken(Cursor(0, false), {40, 41, 43, 42}) == std::vector{40, 41, 42});
}

TEST_CASE("cursor: whoever has read nothing yet doesn't begin behind what the outbox still has") {
  Cursor cursor(0, false);
  CHECK(cursor.wants_oldest());
  cursor.outbox_begins_at(3);
  CHECK_FALSE(cursor.wants_oldest());
  CHECK(taken(cursor, {40, 41, 3, 4}) == std::vector{3, 4});
  CHECK(taken(cursor, {2, 3, 4}) == std::vector{2, 3, 4});  // the broker may keep longer than the outbox
  CHECK_FALSE(Cursor(5, false).wants_oldest());
  CHECK_FALSE(Cursor(0, true).wants_oldest());
}

TEST_CASE("cursor: between the records of a compacted topic others are missing") {
  CHECK(taken(Cursor(5, true), {5, 9, 7, 12}) == std::vector{5, 9, 12});
}

TEST_CASE("cursor: a row that stands for many seqs leads to the one behind it") {
  Cursor cursor(5, false);
  CHECK(cursor.look(5, 15) == Verdict::TAKE);
  CHECK(cursor.look(6, 7) == Verdict::OLD);
  CHECK(cursor.look(16, 17) == Verdict::AHEAD);
  CHECK(cursor.look(15, 16) == Verdict::TAKE);
}

TEST_CASE("stream: what is acknowledged grows without gaps") {
  Stream stream(10, 1);
  for (int seq = 10; seq < 14; ++seq) stream.sent(seq, seq + 1, 100);
  CHECK(stream.next() == 14);
  CHECK(stream.bytes_in_flight() == 400);
  stream.delivered(1, 10);
  CHECK(stream.acknowledged() == 11);
  stream.delivered(1, 12);  // 11 failed, its answer is on the way
  CHECK(stream.acknowledged() == 11);
  stream.delivered(1, 11);
  CHECK(stream.acknowledged() == 12);
  CHECK(stream.bytes_in_flight() == 200);
}

TEST_CASE("stream: after a failure it begins again behind what is acknowledged, and late answers mean nothing") {
  Stream stream(10, 1);
  for (int seq = 10; seq < 14; ++seq) stream.sent(seq, seq + 1, 100);
  stream.delivered(1, 10);
  const SteadyTime later = now + std::chrono::seconds(1);
  stream.begin_again(2, later);
  CHECK(stream.next() == 11);
  CHECK(stream.bytes_in_flight() == 0);
  CHECK_FALSE(stream.may_send(now));
  CHECK(stream.may_send(later));
  stream.delivered(1, 11);
  CHECK(stream.acknowledged() == 11);
  stream.sent(11, 12, 100);
  stream.delivered(2, 11);
  CHECK(stream.acknowledged() == 12);
}

TEST_CASE("stream: where nobody has read yet the table may begin further on") {
  Stream stream(0, 1);
  stream.sent(700, 701, 1);
  CHECK(stream.acknowledged() == 700);
  stream.delivered(1, 700);
  CHECK(stream.acknowledged() == 701);
  CHECK(stream.saved() == 0);
  stream.save(701);
  CHECK(stream.saved() == 701);
}
