#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/http_answer.hpp"

namespace {

using namespace carillon::dispatcher;
using carillon::http::Answer;
using carillon::http::CallError;
using carillon::http::Progress;
using std::chrono::seconds;

const carillon::UtcTime now = *carillon::from_rfc3339("1994-11-06T08:49:30Z");

std::optional<seconds> after(const char* value) {
  return retry_after({{"retry-after", value}}, now);
}

TEST_CASE("retry-after: seconds and HTTP dates") {
  CHECK(after("7") == seconds{7});
  CHECK(after("0") == seconds{0});
  CHECK(after("Sun, 06 Nov 1994 08:49:37 GMT") == seconds{7});
  CHECK(after("99999999999") == retry_after_read_max);
  CHECK(retry_after({}, now) == std::nullopt);
}

TEST_CASE("retry-after: what is malformed or past is as if absent") {
  for (const char* value : {"-1", "soon", "7s", "", "Sun, 06 Nov 1994 08:49:20 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 28:49:37 GMT"}) {
    INFO(value);
    CHECK(after(value) == std::nullopt);
  }
}

struct Row {
  CallError error;
  Progress progress;
  OutcomeKind kind;
  Reason reason;
};

TEST_CASE("calls without an answer: not sent is TRANSIENT, maybe sent is UNCONFIRMED") {
  const auto row = GENERATE(values<Row>({
      {CallError::RESOLVE, Progress::NOT_SENT, OutcomeKind::TRANSIENT, Reason::CONNECTION},
      {CallError::CONNECT, Progress::NOT_SENT, OutcomeKind::TRANSIENT, Reason::CONNECTION},
      {CallError::RESET, Progress::NOT_SENT, OutcomeKind::TRANSIENT, Reason::CONNECTION},
      {CallError::POOL_EXHAUSTED, Progress::NOT_SENT, OutcomeKind::TRANSIENT, Reason::CONNECTION},
      {CallError::CANCELLED, Progress::NOT_SENT, OutcomeKind::TRANSIENT, Reason::CONNECTION},
      {CallError::TLS, Progress::NOT_SENT, OutcomeKind::TRANSIENT, Reason::TLS},
      {CallError::TIMEOUT, Progress::NOT_SENT, OutcomeKind::TRANSIENT, Reason::TIMEOUT},
      {CallError::TIMEOUT, Progress::MAYBE_SENT, OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER},
      {CallError::RESET, Progress::MAYBE_SENT, OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER},
      {CallError::CANCELLED, Progress::MAYBE_SENT, OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER},
      {CallError::ANSWER_TOO_LARGE, Progress::MAYBE_SENT, OutcomeKind::UNCONFIRMED, Reason::BAD_ANSWER},
      {CallError::BAD_ANSWER, Progress::MAYBE_SENT, OutcomeKind::UNCONFIRMED, Reason::BAD_ANSWER},
  }));
  Answer answer;
  answer.error = row.error;
  answer.progress = row.progress;
  const Outcome outcome = outcome_of(answer, now, nullptr, {});
  CHECK(outcome.kind == row.kind);
  CHECK(outcome.reason == row.reason);
}

TEST_CASE("calls with an answer: latency and Retry-After come with the outcome") {
  Answer answer;
  answer.status = 429;
  answer.headers = {{"Retry-After", "30"}};
  answer.took = std::chrono::milliseconds{12};
  const Outcome outcome = outcome_of(
      answer, now,
      [](int status, const carillon::http::Fields&, std::string_view) { return outcome_by_status(status); }, {});
  CHECK(outcome.retry_after == seconds{30});
  CHECK(outcome.latency == std::chrono::milliseconds{12});
}

}  // namespace
