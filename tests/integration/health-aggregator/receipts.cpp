#include "health-aggregator/app/find_messages.hpp"
#include "health-aggregator/app/health_figures.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace carillon::health::testing;

namespace {

// What the provider-dispatcher publishes of a receipt: no template, no client.
MessageEvent receipt_event(const std::string& id, Status status, UtcTime at, const std::string& provider = "postmark") {
  MessageEvent event;
  event.message_id = id;
  event.status = status;
  event.occurred_at = at;
  event.channel = events::Channel::EMAIL;
  event.provider = provider;
  event.provider_message_id = "pm-1";
  event.attempt = 1;
  event.reason = status == Status::BOUNCED ? "HARD_BOUNCE" : "";
  return event;
}

struct ReceiptLog : World {
  ReceiptLog() : ingest(metrics, clock), feed(*this, ingest), connection(as_health()) {}
  std::string new_id() { return new_uuid(clock.now()); }
  std::int64_t counted(Status status, const std::string& template_key) {
    return number("SELECT coalesce(sum(messages), 0) FROM health.minute_rollup WHERE status = " +
                  std::to_string(static_cast<int>(status)) + " AND template_key = '" + template_key + "'");
  }

  IngestMessageLog ingest;
  Feed feed;
  pg::Connection connection;
};

}  // namespace

TEST_CASE_METHOD(ReceiptLog, "receipts: a delivery counts for the template and channel of its message") {
  const std::string id = new_id();
  auto sent = message_event(id, Status::SENT, clock.now(), 1);
  SECTION("logged before") {
    feed(std::vector{message_event(id, Status::QUEUED, clock.now()), sent});
    CHECK(counted(Status::DELIVERED, "PAYMENT_FAILED") == 0);
    feed(std::vector{receipt_event(id, Status::DELIVERED, clock.now())});
  }
  SECTION("in the same batch, the receipt first") {
    CHECK_FALSE(find_message(connection, id));
    feed(std::vector{receipt_event(id, Status::DELIVERED, clock.now()), sent});
  }
  SECTION("before the outcome of its call") {
    feed(std::vector{message_event(id, Status::QUEUED, clock.now())});
    feed(std::vector{receipt_event(id, Status::DELIVERED, clock.now())});
    CHECK(counted(Status::SENT, "PAYMENT_FAILED") == 0);
    feed(std::vector{sent});
  }
  CHECK(counted(Status::DELIVERED, "PAYMENT_FAILED") == 1);
  CHECK(counted(Status::SENT, "PAYMENT_FAILED") == 1);
  const auto view = find_message(connection, id);
  REQUIRE(view);
  CHECK(view->status == Status::SENT);
  CHECK(view->delivery_status == Status::DELIVERED);
  CHECK(view->history.back().template_key == "PAYMENT_FAILED");
  CHECK(read_summary(connection, minutes_window(clock.now(), 5)).waiting == 0);
}

TEST_CASE_METHOD(ReceiptLog, "receipts: a repeated one changes nothing, a bounce after a delivery is the state") {
  const std::string id = new_id();
  feed(std::vector{message_event(id, Status::SENT, clock.now(), 1)});
  const auto delivered = receipt_event(id, Status::DELIVERED, clock.now());
  const auto bounced = receipt_event(id, Status::BOUNCED, clock.now());
  feed(std::vector{bounced, delivered, delivered});
  feed(std::vector{delivered, bounced});
  CHECK(counted(Status::DELIVERED, "PAYMENT_FAILED") == 1);
  CHECK(counted(Status::BOUNCED, "PAYMENT_FAILED") == 1);
  const auto view = find_message(connection, id);
  CHECK(view->delivery_status == Status::BOUNCED);
  CHECK(view->reason == "HARD_BOUNCE");
}

TEST_CASE_METHOD(ReceiptLog,
                 "receipts: one of a message that nobody knows is kept, and counts as of an unknown template") {
  const std::string id = new_id();
  feed(std::vector{receipt_event(id, Status::DELIVERED, clock.now())});
  CHECK(counted(Status::DELIVERED, "(unknown)") == 1);
  const auto view = find_message(connection, id);
  REQUIRE(view);
  CHECK_FALSE(view->status.has_value());
  CHECK(view->delivery_status == Status::DELIVERED);
}

TEST_CASE_METHOD(ReceiptLog, "receipts: the summary says what became of each provider's messages") {
  std::vector<MessageEvent> batch;
  for (int i = 0; i < 5; ++i) {
    const std::string id = new_id();
    batch.push_back(message_event(id, Status::SENT, clock.now(), 1));
    if (i < 3) batch.push_back(receipt_event(id, Status::DELIVERED, clock.now()));
    if (i == 3) batch.push_back(receipt_event(id, Status::BOUNCED, clock.now()));
    if (i == 0) batch.push_back(receipt_event(id, Status::COMPLAINED, clock.now()));
  }
  batch.push_back(receipt_event(new_id(), Status::UNDELIVERED, clock.now(), "twilio"));
  feed(batch);
  const Summary summary = read_summary(connection, minutes_window(clock.now(), 5));
  REQUIRE(summary.deliveries.size() == 2);
  const DeliveryFigures& postmark = summary.deliveries[0];
  CHECK(postmark.provider == "postmark");
  CHECK(postmark.sent == 5);
  CHECK(postmark.delivered == 3);
  CHECK(postmark.bounced == 1);
  CHECK(postmark.complained == 1);
  CHECK(postmark.undelivered == 0);
  CHECK(summary.deliveries[1].provider == "twilio");
  CHECK(summary.deliveries[1].undelivered == 1);
  CHECK(summary.total.sent == 5);
  CHECK(summary.total.failed == 2);
}
