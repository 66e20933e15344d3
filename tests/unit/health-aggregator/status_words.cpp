#include "health-aggregator/core/status_words.hpp"

#include <catch2/catch.hpp>

#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::health;
using events::MessageEvent;
using events::Status;

namespace {

const UtcTime start = from_unix_micros(1'790'000'000'000'000);
const std::string id = new_uuid(start);

MessageEvent step(Status status, int second, int attempt = 0, const std::string& provider = "",
                  const std::string& reason = "") {
  MessageEvent made;
  made.message_id = id;
  made.status = status;
  made.occurred_at = start + std::chrono::seconds{second};
  made.attempt = attempt;
  made.provider = provider;
  made.reason = reason;
  return made;
}

std::string sentence(std::vector<MessageEvent> history) {
  return status_sentence(view_of(std::move(history)));
}

}  // namespace

TEST_CASE("status sentence: who delivered it, and after whom") {
  CHECK(sentence({step(Status::QUEUED, 0), step(Status::ATTEMPT_FAILED, 1, 1, "sns", "TRANSIENT"),
                  step(Status::SENT, 2, 2, "twilio"), step(Status::DELIVERED, 3, 2, "twilio")}) ==
        "Delivered by twilio after sns refused it.");
  CHECK(sentence({step(Status::UNCONFIRMED, 1, 1, "sns"), step(Status::SENT, 2, 2, "twilio")}) ==
        "Sent by twilio after sns gave no answer.");
  CHECK(sentence({step(Status::QUEUED, 0), step(Status::SENT, 2, 1, "postmark")}) == "Sent by postmark.");
  CHECK(sentence({step(Status::ATTEMPT_FAILED, 1, 1, "postmark"), step(Status::SENT, 2, 2, "postmark")}) ==
        "Sent by postmark at the second try.");
  CHECK(sentence({step(Status::ATTEMPT_FAILED, 1, 1, "ses"), step(Status::ATTEMPT_FAILED, 2, 2, "postmark"),
                  step(Status::SENT, 3, 3, "postmark")}) == "Sent by postmark after 2 failed tries (ses too).");
}

TEST_CASE("status sentence: what went wrong, with its reason") {
  CHECK(sentence({step(Status::SENT, 1, 1, "postmark"), step(Status::BOUNCED, 2, 1, "postmark", "MAILBOX_FULL")}) ==
        "Bounced: postmark sent it, and the recipient's side refused it (mailbox full).");
  CHECK(sentence({step(Status::FAILED, 1, 3, "postmark", "ROUNDS_EXHAUSTED")}) ==
        "Failed (rounds exhausted) after 3 tries.");
  CHECK(sentence({step(Status::ATTEMPT_FAILED, 1, 1, "postmark", "RATE_LIMITED")}) ==
        "Not sent yet: postmark failed (rate limited); it is tried again.");
  CHECK(sentence({step(Status::UNCONFIRMED, 1, 1, "postmark")}) ==
        "Nobody knows: postmark was called and gave no answer.");
  CHECK(sentence({step(Status::BLOCKED_SUPPRESSED, 1)}) == "Blocked: the recipient is suppressed.");
}

TEST_CASE("status words: every status has words and a tone of its own kind") {
  for (int number = 1; number <= static_cast<int>(Status::UNDELIVERED); ++number) {
    const auto status = static_cast<Status>(number);
    INFO(events::enum_name(status));
    CHECK(status_words(status) != "Unknown");
    CHECK(status_words(status).find('_') == std::string::npos);
    CHECK(status_sentence(view_of({step(status, 1, 1, "postmark")})) != "Nothing is known of it yet.");
    CHECK_FALSE(step_words(step(status, 1, 1, "postmark")).empty());
  }
  CHECK(status_words(Status::BLOCKED_NO_RECIPIENT) == "Blocked: no recipient");
  CHECK(status_words(Status::BOUNCED) == "Bounced");
  CHECK(status_tone(Status::DELIVERED) == Tone::WELL);
  CHECK(status_tone(Status::QUEUED) == Tone::NOTICE);
  CHECK(status_tone(Status::UNDELIVERED) == Tone::WRONG);
}

TEST_CASE("shown status: a receipt says more of a sent message than that it was sent") {
  CHECK(shown_status(view_of({step(Status::SENT, 1, 1), step(Status::BOUNCED, 2, 1)})) == Status::BOUNCED);
  CHECK(shown_status(view_of({step(Status::SENT, 1, 1)})) == Status::SENT);
  CHECK(shown_status(view_of({step(Status::QUEUED, 1)})) == Status::QUEUED);
}
