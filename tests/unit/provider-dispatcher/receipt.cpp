#include "provider-dispatcher/core/receipt.hpp"

#include <catch2/catch.hpp>

#include "provider-dispatcher/app/receipt_figures.hpp"
#include "provider-dispatcher/app/receipt_refusals.hpp"
#include "provider-dispatcher/core/receipt_health.hpp"
#include "time/testing/manual_clock.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace std::chrono_literals;

namespace {
const UtcTime now = from_unix_micros(1'790'000'000'000'000);
}

TEST_CASE("receipt: each kind is a delivery state, but that the recipient unsubscribed") {
  CHECK(status_of(ReceiptKind::DELIVERED) == events::Status::DELIVERED);
  CHECK(status_of(ReceiptKind::BOUNCED) == events::Status::BOUNCED);
  CHECK(status_of(ReceiptKind::COMPLAINED) == events::Status::COMPLAINED);
  CHECK(status_of(ReceiptKind::UNDELIVERED) == events::Status::UNDELIVERED);
  CHECK_FALSE(status_of(ReceiptKind::UNSUBSCRIBED).has_value());
}

TEST_CASE("receipt: only a provider that has given up leaves a reason to send again") {
  for (const auto kind :
       {ReceiptKind::DELIVERED, ReceiptKind::BOUNCED, ReceiptKind::COMPLAINED, ReceiptKind::UNSUBSCRIBED}) {
    CHECK(makes_resending_useless(kind));
  }
  CHECK_FALSE(makes_resending_useless(ReceiptKind::UNDELIVERED));
}

TEST_CASE("receipt: its id says what it is of, whatever else a repetition brings") {
  Receipt receipt;
  receipt.provider = "postmark";
  receipt.message_id = "0192d3a4-0000-7000-8000-000000000001";
  receipt.attempt = 2;
  receipt.kind = ReceiptKind::BOUNCED;
  const std::string id = receipt_id(receipt);
  CHECK(id == "receipt/postmark/0192d3a4-0000-7000-8000-000000000001/2/BOUNCED");
  receipt.detail = "said otherwise";
  receipt.occurred_at = now;
  CHECK(receipt_id(receipt) == id);
  receipt.attempt = 3;
  CHECK(receipt_id(receipt) != id);
}

TEST_CASE("receipt: a provider's clock is believed for the last 30 days") {
  CHECK(believable(now - 5s, now) == now - 5s);
  CHECK(believable(now - receipt_age_max, now) == now - receipt_age_max);
  CHECK(believable(now - receipt_age_max - 1us, now) == now);
  CHECK(believable(now + 1us, now) == now);
  CHECK(believable(std::nullopt, now) == now);
}

TEST_CASE("receipt: ids of messages are ours only as UUID version 7") {
  CHECK(is_own_message_id(new_uuid(now)));
  CHECK_FALSE(is_own_message_id(""));
  CHECK_FALSE(is_own_message_id("883953f4-6105-42a2-a16a-77a8eac79483"));
  CHECK_FALSE(is_own_message_id("order-4711"));
}

TEST_CASE("receipt: an attempt is a number from 1, anything else is none") {
  CHECK(attempt_from("1") == 1);
  CHECK(attempt_from("1000") == 1000);
  for (const char* text : {"", "0", "-1", "1001", "1x", " 1", "99999999999999999999"}) CHECK(attempt_from(text) == 0);
}

TEST_CASE("receipt health: fewer than a tenth of at least fifty calls is too few, where receipts came within a day") {
  CHECK(judge_receipts({50, 4, true}) == ReceiptVerdict::MISSING);
  CHECK(judge_receipts({50, 5, true}) == ReceiptVerdict::COMING);
  CHECK(judge_receipts({49, 0, true}) == ReceiptVerdict::UNKNOWN);
  CHECK(judge_receipts({49, 1, true}) == ReceiptVerdict::COMING);
  CHECK(judge_receipts({1'000'000, 99'999, true}) == ReceiptVerdict::MISSING);
  CHECK(judge_receipts({1'000'000, 100'000, true}) == ReceiptVerdict::COMING);
  CHECK(judge_receipts({1'000'000, 0, false}) == ReceiptVerdict::UNKNOWN);
  CHECK(judge_receipts({}) == ReceiptVerdict::UNKNOWN);
}

TEST_CASE("receipt figures: accepted calls and receipts count by minute, of expected providers only") {
  ReceiptFigures figures({"postmark"});
  Finished finished;
  finished.claim = std::make_shared<Claim>();
  finished.claim->provider_name = "postmark";
  finished.at = now;
  finished.outcome.kind = OutcomeKind::ACCEPTED;
  Finished refused = finished, released = finished, elsewhere = finished;
  refused.outcome.kind = OutcomeKind::REJECTED;
  released.how = Finished::How::RELEASED;
  elsewhere.claim = std::make_shared<Claim>();
  elsewhere.claim->provider_name = "smtp";
  const std::vector<Finished> batch{finished, finished, refused, released, elsewhere};
  figures.settled(batch);
  figures.came("postmark", now + 1min);
  figures.came("smtp", now);
  const auto minutes = figures.take();
  REQUIRE(minutes.size() == 2);
  CHECK(minutes.at({"postmark", floor_minute(now)}).accepted == 2);
  CHECK(minutes.at({"postmark", floor_minute(now + 1min)}).receipts == 1);
  CHECK(figures.take().empty());
  figures.put_back(minutes);
  CHECK(figures.take().size() == 2);
}

TEST_CASE("receipt refusals: they are audited by provider and reason, once a minute at most") {
  carillon::testing::ManualClock clock;
  metrics::Registry metrics;
  ReceiptRefusals refusals(metrics, clock);
  CHECK(refusals.take_due().empty());
  for (int i = 0; i < 1'000; ++i) refusals.refused("postmark", "MISMATCH", "forged");
  refusals.refused("postmark", "MISSING", "forged");
  refusals.refused("ses", "TOO_OLD", "forged");
  const auto due = refusals.take_due();
  REQUIRE(due.size() == 2);
  CHECK(due.at("postmark").at("MISMATCH") == 1'000);
  CHECK(due.at("postmark").at("MISSING") == 1);
  CHECK(due.at("ses").at("TOO_OLD") == 1);
  refusals.refused("postmark", "MISMATCH", "forged");
  clock.advance(59s);
  CHECK(refusals.take_due().empty());
  clock.advance(1s);
  CHECK(refusals.take_due().at("postmark").at("MISMATCH") == 1);
  refusals.put_back(due);
  CHECK(refusals.take_due().at("postmark").at("MISMATCH") == 1'000);
  CHECK(metrics.expose().find("carillon_receipt_refusals_total{provider=\"postmark\",reason=\"MISMATCH\"} 1001") !=
        std::string::npos);
}
