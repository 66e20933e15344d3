#include "health-aggregator/core/page_cursor.hpp"

#include <catch2/catch.hpp>

#include "security/digest.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::health;

TEST_CASE("cursor: a message cursor comes back as it went") {
  const std::string id = new_uuid(from_unix_micros(1'790'000'000'000'000));
  const auto read = read_message_cursor(message_cursor(id));
  REQUIRE(read);
  CHECK(*read == id);
}

TEST_CASE("cursor: audit marks come back as they went, also none and the greatest") {
  const AuditMarks marks{{0, 17}, {3, INT64_MAX}};
  const auto read = read_audit_cursor(audit_cursor(marks));
  REQUIRE(read);
  CHECK(*read == marks);
}

TEST_CASE("cursor: what is none of ours is refused and named") {
  const std::string id = new_uuid(from_unix_micros(1'790'000'000'000'000));
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("!!"), id, audit_cursor({{1, 2}}),
        security::base64_url("m1:not-an-id"), security::base64_url("m2:" + id), std::string(100'000, 'A')}) {
    const auto read = read_message_cursor(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().detail.starts_with("cursor: "));
  }
  for (const std::string& text : {std::string(), message_cursor(id), security::base64_url("a1:1=;"),
                                  security::base64_url("a1:1=2"), security::base64_url("a1:-1=2;"),
                                  security::base64_url("a1:99999999999=1;"), security::base64_url("a1:1=2;x")}) {
    CHECK_FALSE(read_audit_cursor(text));
  }
}

TEST_CASE("cursor: the least message id sorts at its millisecond, before every real id of it") {
  const UtcTime time = from_unix_micros(1'790'000'000'123'456);
  CHECK(uuid_time(new_uuid(time)) == std::chrono::floor<std::chrono::milliseconds>(time));
  CHECK(least_message_id(time) < new_uuid(time));
  CHECK(least_message_id(time + std::chrono::milliseconds{1}) > new_uuid(time));
  CHECK(least_message_id(UtcTime{} - std::chrono::hours{1}) == "00000000-0000-0000-0000-000000000000");
}
