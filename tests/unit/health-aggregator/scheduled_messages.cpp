// What a message that waits for its time looks like: in an answer, and in the figures.
#include <catch2/catch.hpp>

#include "health-aggregator/core/message_state.hpp"
#include "health-aggregator/core/status_counts.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::health;
using events::MessageEvent;
using events::Status;

namespace {

const UtcTime start = from_unix_micros(1'790'000'000'000'000);
const UtcTime later = start + std::chrono::hours{5};
const std::string id = new_uuid(start);

MessageEvent event(Status status, std::optional<UtcTime> next = {}) {
  MessageEvent made;
  made.message_id = id;
  made.status = status;
  made.occurred_at = start;
  made.channel = events::Channel::EMAIL;
  made.next_attempt_at = next;
  return made;
}

}  // namespace

TEST_CASE("message state: a SCHEDULED message says when it goes on, one that has gone on doesn't") {
  CHECK(view_of({event(Status::SCHEDULED, later)}).next_attempt_at == later);
  CHECK_FALSE(view_of({event(Status::SCHEDULED, later), event(Status::QUEUED)}).next_attempt_at);
  CHECK_FALSE(view_of({event(Status::SCHEDULED, later), event(Status::CANCELLED)}).next_attempt_at);
  CHECK(view_of({event(Status::QUEUED), event(Status::ATTEMPT_FAILED, later)}).next_attempt_at == later);
}

TEST_CASE("figures: a message that waits for its own time is not on its way until it has come") {
  StatusCounts waits;
  CHECK(waits.take(event(Status::SCHEDULED, later)));
  CHECK(waits.open_changes().empty());
  StatusCounts goes;
  goes.logged(id, Status::SCHEDULED, 0);
  CHECK(goes.take(event(Status::QUEUED)));
  CHECK(goes.open_changes().at(static_cast<int>(events::Channel::EMAIL)).waiting == 1);
  StatusCounts cancelled;
  cancelled.logged(id, Status::SCHEDULED, 0);
  CHECK(cancelled.take(event(Status::CANCELLED)));
  CHECK(cancelled.open_changes().empty());
}
