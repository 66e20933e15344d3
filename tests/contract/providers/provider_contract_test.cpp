// What every provider client promises, whatever it speaks.
#include <catch2/catch.hpp>

#include <future>

#include "contract/providers/any_bench.hpp"

namespace {

using namespace carillon::dispatcher;
using namespace carillon::testing;
using std::chrono::milliseconds;

const carillon::UtcTime now = contract_now();

TEST_CASE(
    "provider contract: an accepted message has an id and reached the other end whole, with message_id and attempt") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  const auto provider = bench->provider();
  CHECK(provider->name() == made.name);
  CHECK(provider->configured());
  const OutboundMessage message = message_to(bench->recipient());
  const Outcome outcome = sent(*provider, message);
  CHECK(outcome.kind == OutcomeKind::ACCEPTED);
  CHECK(outcome.reason == Reason::NONE);
  CHECK_FALSE(outcome.provider_message_id.empty());
  CHECK(outcome.latency < patience);
  CHECK(bench->calls() == 1);
  CHECK(bench->last_text() == message.text);
  CHECK(bench->last_request().find(message.message_id) != std::string::npos);
  if (provider->channel() == carillon::events::Channel::EMAIL) {
    CHECK(bench->last_subject() == message.subject);
    CHECK(bench->last_request().find("help@example.com") != std::string::npos);
  }
}

TEST_CASE("provider contract: every row of the error table") {
  const MadeBench made = any_bench();
  const auto bench = made.make();
  const auto provider = bench->provider();
  const std::vector<ErrorRow> rows = bench->error_rows();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO(made.name << " " << rows[i].name);
    bench->refuse(i);
    const Outcome outcome = sent(*provider, message_to(bench->recipient()));
    CHECK(outcome.kind == rows[i].kind);
    CHECK(outcome.reason == rows[i].reason);
    CHECK(outcome.provider_code == rows[i].code);
    CHECK(outcome.suppress_recipient == rows[i].suppress);
    CHECK(outcome.provider_message_id.empty());
  }
  bench->accept();
  CHECK(sent(*provider, message_to(bench->recipient())).kind == OutcomeKind::ACCEPTED);
}

TEST_CASE("provider contract: nobody listens: TRANSIENT, CONNECTION") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  const auto provider = bench->provider();
  bench->stop_listening();
  const Outcome outcome = sent(*provider, message_to(bench->recipient()));
  CHECK(outcome.kind == OutcomeKind::TRANSIENT);
  CHECK(outcome.reason == Reason::CONNECTION);
}

TEST_CASE("provider contract: a time-out before the message was written is TRANSIENT, TIMEOUT") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  bench->say_nothing_from_the_start();
  const Outcome outcome = sent(*bench);
  CHECK(outcome.kind == OutcomeKind::TRANSIENT);
  CHECK(outcome.reason == Reason::TIMEOUT);
  CHECK(bench->calls() == 0);
}

TEST_CASE("provider contract: a time-out after the message was written is UNCONFIRMED, NO_ANSWER") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  bench->say_nothing_after_reading();
  const Outcome outcome = sent(*bench);
  CHECK(outcome.kind == OutcomeKind::UNCONFIRMED);
  CHECK(outcome.reason == Reason::NO_ANSWER);
  CHECK(outcome.latency >= milliseconds{500});
}

TEST_CASE("provider contract: a connection reset or closed after the message was written is UNCONFIRMED, NO_ANSWER") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  bench->reset_after_reading();
  const Outcome reset = sent(*bench);
  CHECK(reset.kind == OutcomeKind::UNCONFIRMED);
  CHECK(reset.reason == Reason::NO_ANSWER);
  bench->close_after_reading();
  const Outcome closed = sent(*bench);
  CHECK(closed.kind == OutcomeKind::UNCONFIRMED);
  CHECK(closed.reason == Reason::NO_ANSWER);
}

TEST_CASE("provider contract: a reset in the middle of the answer is UNCONFIRMED") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  bench->answer_in_part_then_reset();
  CHECK(sent(*bench).kind == OutcomeKind::UNCONFIRMED);
}

TEST_CASE("provider contract: garbage and huge answers to a written message are UNCONFIRMED") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  bench->answer_garbage();
  CHECK(sent(*bench).kind == OutcomeKind::UNCONFIRMED);
  bench->answer_hugely();
  CHECK(sent(*bench).kind == OutcomeKind::UNCONFIRMED);
}

TEST_CASE("provider contract: a slow answer within the time-out counts") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  bench->answer_slowly(milliseconds{100});
  const Outcome outcome = sent(*bench);
  CHECK(outcome.kind == OutcomeKind::ACCEPTED);
  CHECK(outcome.latency >= milliseconds{100});
}

TEST_CASE("provider contract: redirects are not followed") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  if (!bench->redirect()) {
    CHECK(std::string(made.name) == "smtp");
    return;
  }
  const Outcome outcome = sent(*bench);
  CHECK(outcome.kind == OutcomeKind::TRANSIENT);
  CHECK(outcome.provider_code == "307");
  CHECK(bench->calls() == 1);
}

TEST_CASE("provider contract: 429 with Retry-After, in seconds and as a date") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  if (!bench->limit_rate("17")) {
    CHECK(std::string(made.name) == "smtp");
    return;
  }
  Outcome outcome = sent(*bench);
  CHECK(outcome.kind == OutcomeKind::TRANSIENT);
  CHECK(outcome.reason == Reason::RATE_LIMITED);
  CHECK(outcome.retry_after == std::chrono::seconds{17});
  bench->limit_rate("Tue, 01 Sep 2026 10:00:40 GMT");
  CHECK(sent(*bench).retry_after == std::chrono::seconds{40});
}

TEST_CASE("provider contract: line breaks in subject and ids make no headers") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  const auto provider = bench->provider();
  OutboundMessage message = message_to(bench->recipient());
  message.subject = "Hi\r\nBcc: eve@example.com\n\nbody";
  message.template_key = "KEY\r\nX-Evil: 1";
  CHECK(sent(*provider, message).kind == OutcomeKind::ACCEPTED);
  CHECK(bench->last_request().find("\nBcc:") == std::string::npos);
  CHECK(bench->last_request().find("\nX-Evil:") == std::string::npos);
  CHECK(bench->last_subject().find('\n') == std::string::npos);
}

TEST_CASE("provider contract: a recipient that is no single address is refused without a call") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  const auto provider = bench->provider();
  for (const std::string& bad :
       {std::string(), bench->recipient() + ",eve@example.com", bench->recipient() + "\r\nBcc: eve@example.com",
        "<" + bench->recipient() + ">", std::string("nobody")}) {
    const Outcome outcome = sent(*provider, message_to(bad));
    CHECK(outcome.kind == OutcomeKind::REJECTED);
    CHECK(outcome.reason == Reason::RECIPIENT_REJECTED);
  }
  CHECK(bench->calls() == 0);
}

TEST_CASE("provider contract: no detail holds recipient or secret, even if the provider repeats them") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  bench->refuse_repeating_everything();
  const Outcome outcome = sent(*bench);
  CHECK(outcome.kind == OutcomeKind::REJECTED);
  CHECK(outcome.detail.find(bench->recipient()) == std::string::npos);
  if (!bench->secret().empty()) CHECK(outcome.detail.find(bench->secret()) == std::string::npos);
  CHECK(outcome.detail.size() <= 300);
}

TEST_CASE("provider contract: many sends at once are each answered once") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  const auto provider = bench->provider();
  constexpr int sends = 100;
  struct Count {
    std::mutex mutex;
    std::condition_variable changed;
    int answers = 0, accepted = 0;
  };
  const auto count = std::make_shared<Count>();
  for (int i = 0; i < sends; ++i) {
    provider->send(message_to(bench->recipient()), now, [count](const Outcome& outcome) {
      const std::lock_guard lock(count->mutex);
      ++count->answers;
      if (outcome.kind == OutcomeKind::ACCEPTED) ++count->accepted;
      count->changed.notify_one();
    });
  }
  std::unique_lock lock(count->mutex);
  REQUIRE(count->changed.wait_for(lock, patience, [&] { return count->answers == sends; }));
  CHECK(count->accepted == sends);
  CHECK(bench->calls() == sends);
}

TEST_CASE("provider contract: a client that ends while a call runs answers it") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  bench->say_nothing_after_reading();
  std::promise<Outcome> promise;
  auto answer = promise.get_future();
  auto provider = bench->provider();
  provider->send(message_to(bench->recipient()), now,
                 [&promise](Outcome outcome) { promise.set_value(std::move(outcome)); });
  provider.reset();
  REQUIRE(answer.wait_for(patience) == std::future_status::ready);
  CHECK(answer.get().kind != OutcomeKind::ACCEPTED);
}

}  // namespace
