#include "health-aggregator/core/message_state.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::health;
using events::MessageEvent;
using events::Status;

namespace {

const UtcTime start = from_unix_micros(1'790'000'000'000'000);
const std::string id = new_uuid(start);

MessageEvent event(Status status, int second, int attempt = 0, const std::string& reason = "") {
  MessageEvent made;
  made.message_id = id;
  made.status = status;
  made.occurred_at = start + std::chrono::seconds{second};
  made.attempt = attempt;
  made.reason = reason;
  if (attempt > 0) made.provider = "provider" + std::to_string(attempt);
  return made;
}

// The same answer for every order of arrival.
MessageView view_in_any_order(std::vector<MessageEvent> history) {
  std::vector<int> order(history.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  const MessageView expected = view_of(history);
  do {
    std::vector<MessageEvent> shuffled;
    for (const int i : order) shuffled.push_back(history[static_cast<std::size_t>(i)]);
    const MessageView view = view_of(std::move(shuffled));
    REQUIRE(view.status == expected.status);
    REQUIRE(view.delivery_status == expected.delivery_status);
    REQUIRE(view.reason == expected.reason);
    REQUIRE(view.provider == expected.provider);
    REQUIRE(view.history == expected.history);
  } while (std::next_permutation(order.begin(), order.end()));
  return expected;
}

}  // namespace

TEST_CASE("message state: every status is a send state or a delivery state, never both") {
  for (int number = 1; number <= static_cast<int>(Status::UNDELIVERED); ++number) {
    const auto status = static_cast<Status>(number);
    INFO(events::enum_name(status));
    CHECK((send_rank(status) > 0) != (delivery_rank(status) > 0));
  }
}

TEST_CASE("message state: BLOCKED, SENT, FAILED, EXPIRED and CANCELLED are final, nothing else is") {
  std::vector<Status> open;
  for (int number = 1; number <= static_cast<int>(Status::UNDELIVERED); ++number) {
    if (!is_final(static_cast<Status>(number))) open.push_back(static_cast<Status>(number));
  }
  CHECK(open == std::vector<Status>{Status::QUEUED, Status::SCHEDULED, Status::DEFERRED_THROTTLED,
                                    Status::ATTEMPT_FAILED, Status::UNCONFIRMED, Status::DELIVERED, Status::BOUNCED,
                                    Status::COMPLAINED, Status::UNDELIVERED});
}

TEST_CASE("message state: SENT stays SENT when its QUEUED arrives last") {
  const auto view = view_in_any_order({event(Status::SENT, 2, 1), event(Status::QUEUED, 1)});
  CHECK(view.status == Status::SENT);
  CHECK(view.attempts == 1);
  CHECK(view.updated_at == start + std::chrono::seconds{2});
  CHECK_FALSE(view.delivery_status.has_value());
}

TEST_CASE("message state: a receipt that comes before the outcome leaves the send state open") {
  CHECK_FALSE(view_of({event(Status::DELIVERED, 1)}).status.has_value());
  const auto view =
      view_in_any_order({event(Status::DELIVERED, 1), event(Status::SENT, 2, 1), event(Status::QUEUED, 0)});
  CHECK(view.status == Status::SENT);
  CHECK(view.delivery_status == Status::DELIVERED);
}

TEST_CASE("message state: a bounce outranks a delivery and gives the reason") {
  const auto view = view_in_any_order(
      {event(Status::SENT, 1, 1), event(Status::DELIVERED, 2), event(Status::BOUNCED, 3, 1, "HARD_BOUNCE")});
  CHECK(view.status == Status::SENT);
  CHECK(view.delivery_status == Status::BOUNCED);
  CHECK(view.reason == "HARD_BOUNCE");
}

TEST_CASE("message state: what one call delivered is delivered, whatever became of the others") {
  CHECK(view_in_any_order({event(Status::UNDELIVERED, 2, 1), event(Status::SENT, 3, 2), event(Status::DELIVERED, 4, 2)})
            .delivery_status == Status::DELIVERED);
  CHECK(view_in_any_order({event(Status::DELIVERED, 2, 1), event(Status::BOUNCED, 4, 2), event(Status::SENT, 1, 1)})
            .delivery_status == Status::DELIVERED);
  CHECK(view_in_any_order({event(Status::UNDELIVERED, 4, 2), event(Status::BOUNCED, 2, 1)}).delivery_status ==
        Status::BOUNCED);
  CHECK(view_in_any_order({event(Status::COMPLAINED, 2, 1, "SPAM"), event(Status::DELIVERED, 4, 2)}).reason == "SPAM");
  CHECK(view_in_any_order({event(Status::DELIVERED, 2, 1), event(Status::UNDELIVERED, 3, 1), event(Status::SENT, 1, 1)})
            .delivery_status == Status::UNDELIVERED);
}

TEST_CASE("message state: a receipt that names no attempt may be of any call") {
  CHECK(view_in_any_order({event(Status::BOUNCED, 2), event(Status::DELIVERED, 3, 1)}).delivery_status ==
        Status::BOUNCED);
  CHECK(view_in_any_order({event(Status::DELIVERED, 2), event(Status::UNDELIVERED, 3, 1)}).delivery_status ==
        Status::UNDELIVERED);
  CHECK(view_in_any_order({event(Status::BOUNCED, 2), event(Status::COMPLAINED, 3)}).delivery_status ==
        Status::COMPLAINED);
}

TEST_CASE("message state: between a failed attempt and an unconfirmed one the later attempt decides") {
  CHECK(view_in_any_order(
            {event(Status::QUEUED, 0), event(Status::UNCONFIRMED, 1, 1), event(Status::ATTEMPT_FAILED, 2, 2)})
            .status == Status::ATTEMPT_FAILED);
  CHECK(view_in_any_order(
            {event(Status::QUEUED, 0), event(Status::ATTEMPT_FAILED, 1, 1), event(Status::UNCONFIRMED, 2, 2)})
            .status == Status::UNCONFIRMED);
}

TEST_CASE("message state: FAILED carries the reason and the last provider called") {
  const auto view = view_in_any_order({event(Status::QUEUED, 0), event(Status::ATTEMPT_FAILED, 1, 1, "TIMEOUT"),
                                       event(Status::FAILED, 2, 2, "ROUNDS_EXHAUSTED")});
  CHECK(view.status == Status::FAILED);
  CHECK(view.reason == "ROUNDS_EXHAUSTED");
  CHECK(view.provider == "provider2");
  CHECK(view.attempts == 2);
}

TEST_CASE("message state: facts come from whichever event carries them, acceptance else from the id") {
  MessageEvent queued = event(Status::QUEUED, 1);
  queued.client_id = "acme";
  queued.source = "api:shop";
  MessageEvent sent = event(Status::SENT, 2, 1);
  sent.recipient_hash = "abc";
  auto view = view_in_any_order({queued, sent});
  CHECK(view.facts.client_id == "acme");
  CHECK(view.facts.source == "api:shop");
  CHECK(view.facts.recipient_hash == "abc");
  CHECK(view.accepted_at == start);
  queued.accepted_at = start - std::chrono::seconds{5};
  CHECK(view_of({sent, queued}).accepted_at == start - std::chrono::seconds{5});
}

TEST_CASE("message state: at the same time a delivery stands behind the call it is of") {
  const auto view = view_of({event(Status::DELIVERED, 10, 1), event(Status::SENT, 10, 1), event(Status::QUEUED, 1)});
  REQUIRE(view.history.size() == 3);
  CHECK(view.history[1].status == Status::SENT);
  CHECK(view.history[2].status == Status::DELIVERED);
  CHECK(view.status == Status::SENT);
  CHECK(view.delivery_status == Status::DELIVERED);
}
