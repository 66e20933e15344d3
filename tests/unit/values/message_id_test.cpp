#include "values/message_id.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace carillon;

namespace {
const UtcTime now = from_unix_micros(1'790'000'000'123'456);
const UtcTime now_millis = from_unix_micros(1'790'000'000'123'000);
}  // namespace

TEST_CASE("message id: a UUID of version 7 with the time in front") {
  const std::string id = new_uuid(now);
  CHECK(id.size() == 36);
  CHECK(is_uuid(id));
  CHECK(id[14] == '7');
  CHECK(std::string("89ab").find(id[19]) != std::string::npos);
  CHECK(uuid_time(id) == now_millis);
  CHECK(uuid_time(new_uuid(from_unix_micros(0))) == from_unix_micros(0));
}

TEST_CASE("message id: ids of one process ascend within a millisecond") {
  const UtcTime moment = from_unix_micros(1'800'000'000'000'000);
  std::vector<std::string> ids;
  for (int i = 0; i < 10'000; ++i) ids.push_back(new_uuid(moment));  // more than the counter of one millisecond holds
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  CHECK(*uuid_time(ids.back()) - *uuid_time(ids.front()) <= std::chrono::milliseconds{3});
}

TEST_CASE("message id: an older `now` keeps its own time after a newer one was used") {
  const UtcTime older = from_unix_micros(1'700'000'000'000'000);
  new_uuid(older + std::chrono::hours{1});
  const std::string first = new_uuid(older);
  new_uuid(older + std::chrono::milliseconds{1});
  const std::string second = new_uuid(older);
  CHECK(uuid_time(first) == older);
  CHECK(uuid_time(second) == older);
  CHECK(first < second);
}

TEST_CASE("message id: threads never get the same id, and each gets its own in order") {
  constexpr std::size_t thread_count = 8, ids_each = 5'000;
  std::vector<std::vector<std::string>> ids(thread_count);
  std::vector<std::thread> threads;
  for (auto& mine : ids) {
    threads.emplace_back([&mine] {
      for (std::size_t i = 0; i < ids_each; ++i) mine.push_back(new_uuid(from_unix_micros(1'810'000'000'000'000)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : ids) {
    CHECK(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  CHECK(all.size() == thread_count * ids_each);
}

TEST_CASE("sibling id: the first is the id itself, the others keep its time and differ") {
  const std::string first = new_uuid(now);
  CHECK(sibling_uuid(first, 0) == first);
  std::set<std::string> ids;
  for (std::uint32_t n = 0; n < 1'000; ++n) {
    const std::string id = sibling_uuid(first, n);
    CHECK(is_uuid(id));
    CHECK(id == sibling_uuid(first, n));
    CHECK(id.substr(0, 18) == first.substr(0, 18));
    ids.insert(id);
  }
  CHECK(ids.size() == 1'000);
}

TEST_CASE("sibling id: the tail wraps round without touching variant or time") {
  CHECK(sibling_uuid("019a0000-0000-7000-bfff-ffffffffffff", 1) == "019a0000-0000-7000-8000-000000000000");
  CHECK(sibling_uuid("019a0000-0000-7000-8000-0000ffffffff", 1) == "019a0000-0000-7000-8000-000100000000");
  CHECK_THROWS_AS(sibling_uuid("order-17", 1), std::invalid_argument);
}

TEST_CASE("uuid: only the canonical lower-case form is one") {
  CHECK(is_uuid("019a0000-0000-7000-8000-000000000000"));
  CHECK(is_uuid("00000000-0000-0000-0000-000000000000"));
  for (const char* text : {"", "019a0000", "019A0000-0000-7000-8000-000000000000",
                           "019a0000-0000-7000-8000-00000000000", "019a0000-0000-7000-8000-0000000000000",
                           "019a00000-000-7000-8000-000000000000", "019a0000-0000-7000-8000-00000000000g",
                           "{19a0000-0000-7000-8000-00000000000}", "019a0000000070008000000000000000"}) {
    CAPTURE(text);
    CHECK_FALSE(is_uuid(text));
    CHECK_FALSE(uuid_time(text));
  }
}

TEST_CASE("uuid time: only version 7 has one") {
  CHECK(uuid_time("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == from_unix_micros(1'645'557'742'000'000));  // RFC 9562, A.6
  CHECK_FALSE(uuid_time("919108f7-52d1-4320-9bac-f847db4148a8"));
  CHECK_FALSE(uuid_time("017f22e2-79b0-7cc3-18c4-dc0c0c07398f"));
}
