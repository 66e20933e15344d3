#include "provider-dispatcher/app/apply_receipts.hpp"
#include "provider-dispatcher/app/receipt_watch.hpp"
#include "receipt_calls.hpp"
#include "service/failpoint.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using http::Method;

namespace {

// One dispatcher whose Postmark tells what becomes of its mails.
struct Scene {
  Scene() : world(clock), instance(world.start({postmark}, {}, postmark_settings())) {}

  std::future<http::Response> begin(const std::string& body) {
    return instance.begin(Method::POST, postmark_path, {}, body);
  }
  http::Response tell(const std::string& body) { return instance.call(Method::POST, postmark_path, {}, body); }
  std::string sent() {
    const auto dispatch = world.dispatch();
    world.publish({dispatch});
    REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
    return dispatch.message_id;
  }
  std::string bounce(const std::string& id) const { return postmark_bounce(id, 1, clock.now()); }
  bool has_effect(const std::string& effect, int count) {
    return instance.metrics().find("carillon_receipt_effects_total{effect=\"" + effect + "\"} " +
                                   std::to_string(count) + "\n") != std::string::npos;
  }

  SystemClock clock;
  ScriptPtr postmark = std::make_shared<Script>("postmark");
  World world;
  Instance& instance;
};

struct SetFailpoints {
  explicit SetFailpoints(const char* text) { configure_failpoints(text); }
  ~SetFailpoints() { configure_failpoints(""); }
};

}  // namespace

TEST_CASE_METHOD(Scene, "receipts: one that the database refuses holds up no other of its commit") {
  const std::string first = sent(), bad = sent(), good = sent();
  world.owner().run("ALTER TABLE dispatcher.noted_receipts ADD CHECK (message_id <> '" + bad + "')");
  std::future<http::Response> of_first, of_bad, of_good;
  {
    pg::Connection other(world.as_owner());
    pg::Transaction lock(other);
    lock.run("LOCK TABLE dispatcher.noted_receipts");
    of_first = begin(bounce(first));
    REQUIRE(world.until([&] {
      return world.number(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                 "wait_event_type = 'Lock' AND query LIKE '%noted_receipts%'") == 1;
    }));
    of_bad = begin(bounce(bad));  // both wait for the same commit
    of_good = begin(bounce(good));
    lock.commit();
  }
  CHECK(of_first.get().status == 200);
  CHECK(of_bad.get().status == 500);
  CHECK(of_good.get().status == 200);
  CHECK(world.statuses(first).back() == Status::BOUNCED);
  CHECK(world.statuses(good).back() == Status::BOUNCED);
  CHECK(world.statuses(bad) == std::vector{Status::SENT});
}

TEST_CASE_METHOD(Scene, "receipts: after a commit that was lost the provider is to come again, with one effect") {
  const std::string id = sent();
  const std::string told = bounce(id);
  {
    const SetFailpoints lost("dispatcher.receipts.before_commit=error@1");
    const auto answer = tell(told);
    CHECK(answer.status == 503);
    CHECK_FALSE(http::field(answer.headers, "Retry-After").empty());
    CHECK(world.statuses(id) == std::vector{Status::SENT});
    CHECK(world.feedback().empty());
  }
  CHECK(tell(told).status == 200);
  CHECK(tell(told).status == 200);
  CHECK(world.statuses(id) == std::vector{Status::SENT, Status::BOUNCED});
  CHECK(world.feedback().size() == 1);
  CHECK(world.audits("MESSAGE_DELIVERY").size() == 1);
}

TEST_CASE_METHOD(Scene, "receipts: while nothing can be stored the provider is to come again") {
  const std::string id = sent();
  const std::string delivery = postmark_delivery(id, 1, clock.now());
  instance.service().stop();
  const auto answer = tell(delivery);
  CHECK(answer.status == 503);
  CHECK_FALSE(http::field(answer.headers, "Retry-After").empty());
  CHECK(world.statuses(id) == std::vector{Status::SENT});
}

TEST_CASE_METHOD(Scene, "receipts: a failed delivery that comes again with a suppression suppresses, once") {
  const std::string id = sent();
  std::string plain = postmark_bounce(id, 1, clock.now(), "SoftBounce");
  const std::string suppressing = plain, inactive = "\"Inactive\":true";
  plain.replace(plain.find(inactive), inactive.size(), "\"Inactive\":false");
  CHECK(tell(plain).status == 200);
  CHECK(world.feedback().empty());
  for (int i = 0; i < 2; ++i) CHECK(tell(suppressing).status == 200);
  REQUIRE(world.feedback().size() == 1);
  CHECK(world.feedback()[0].kind == events::FeedbackKind::SUPPRESS);
  const std::size_t told = world.log(id).size();
  CHECK(tell(plain).status == 200);  // says less than what is known
  CHECK(world.log(id).size() == told);
  CHECK(world.feedback().size() == 1);
}

TEST_CASE("receipts: of a call that is not known yet, one that suppresses is kept beside one that does not") {
  const SystemClock clock;
  World world(clock);
  Receipt plain;
  plain.provider = "ses";
  plain.provider_message_id = "ses-1";
  plain.kind = ReceiptKind::UNDELIVERED;
  plain.occurred_at = clock.now();
  Receipt suppressing = plain;
  suppressing.suppress = SuppressReason::COMPLAINT;
  suppressing.recipient_hash = "hash";
  bus::Outbox out;
  for (Receipt* receipt : {&plain, &suppressing, &suppressing}) {
    pg::Transaction tx(world.owner());
    Receipt* const one[] = {receipt};
    apply_receipts(tx, world.bus(), out, one, 10, clock.now());
    tx.commit();
  }
  CHECK(world.number("SELECT count(*) FROM dispatcher.unmatched_receipts") == 2);
  world.owner().run("INSERT INTO dispatcher.sent_calls VALUES ('ses', 'ses-1', '" + new_uuid(clock.now()) +
                    "', 1, now())");
  ReceiptFigures figures({});
  UnmatchedRoom room;
  metrics::Registry metrics;
  ReceiptRefusals refusals(metrics, clock);
  ReceiptWatch watch({world.bus(), clock, world.as_dispatcher(), figures, room, refusals, metrics});
  watch.look();
  CHECK(world.number("SELECT count(*) FROM dispatcher.unmatched_receipts") == 0);
  CHECK(world.feedback().size() == 1);
  CHECK(metrics.expose().find("carillon_receipt_effects_total{effect=\"recipient_suppressed\"} 1\n") !=
        std::string::npos);  // what kept receipts do counts as well
}

TEST_CASE_METHOD(Scene, "receipts: an early one that ends its message is counted as one that did") {
  postmark->answers([](const OutboundMessage&) { return std::nullopt; });
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(postmark->wait_for_calls(1));
  CHECK(tell(postmark_delivery(dispatch.message_id, 1, clock.now())).status == 200);
  CHECK(has_effect("message_resolved", 0));
  postmark->answer(0, failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER));
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(world.until([&] { return has_effect("message_resolved", 1); }));
}
