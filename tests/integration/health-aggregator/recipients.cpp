// What becomes of recipients in the message log: in clear for a while, and forgotten on request.
#include <condition_variable>
#include <mutex>

#include "health-aggregator/app/apply_retention.hpp"
#include "health-aggregator/app/erase_recipients.hpp"
#include "health-aggregator/app/find_messages.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace carillon::health::testing;

namespace {

const std::string ann = "ann@example.com";
constexpr const char* path = "/api/admin/recipients/erase";

struct Recipients : World {
  Recipients()
      : running(*this),
        ingest(metrics, clock),
        feed(*this, ingest),
        connection(as_health()),
        pool(as_health(), 1),
        erase({as_health(), pool, running.producer(), running.sealer(), clock, std::chrono::hours{72}}) {
    settings.audit_key = audit_key;
  }

  std::string log(const std::string& recipient, Status status = Status::QUEUED, const std::string& id = "") {
    MessageEvent event =
        message_event(id.empty() ? new_uuid(clock.now()) : id, status, clock.now(), id.empty() ? 0 : 1);
    event.recipient = id.empty() ? recipient : "";
    event.recipient_hash = running.sealer().reference(recipient);
    event.detail = id.empty() ? "" : "550 no such mailbox: " + recipient;
    event.metadata = {{"note", "for " + recipient}};
    feed(std::vector{event});
    return event.message_id;
  }
  // Of the next second: ids of one millisecond that is used up borrow from the next.
  http::Response order_erasure(const std::string& json) {
    clock.advance(std::chrono::seconds{1});
    return running.post(path, json);
  }
  std::int64_t in_clear() { return number("SELECT count(*) FROM health.message_log WHERE recipient <> ''"); }
  // In how many rows of the service's tables the text stands, in whatever column.
  std::int64_t rows_with(const std::string& text) {
    std::int64_t rows = 0;
    for (const auto& table : owner().run("SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = "
                                         "c.relnamespace WHERE n.nspname = 'health' AND c.relkind = 'r'"))
      rows += number(std::string("SELECT count(*) FROM ") + table[0].c_str() + " AS t WHERE position('" + text +
                     "' IN t::text) > 0");
    return rows;
  }

  RunningService running;
  IngestMessageLog ingest;
  Feed feed;
  pg::Connection connection;
  pg::Pool pool;
  EraseRecipients erase;
  HealthSettings settings;
};

// A clock that gives an order of erasure with each look at it, so that the next step has something to do.
class EndlessOrders final : public Clock {
 public:
  static constexpr int orders_max = 2'000;  // where nothing stops it
  explicit EndlessOrders(World& world) : now_(world.clock.now()), owner_({world.url()}) {}

  UtcTime now() const override {
    const std::lock_guard lock(mutex_);
    if (made_ < orders_max) {
      owner_.run("INSERT INTO health.erasures (erasure_id, recipient_hashes, requested_at, due_at) VALUES ('" +
                 new_uuid(now_) + "', '{}', '" + to_rfc3339(now_) + "', '" + to_rfc3339(now_) + "')");
      ++made_;
      more_.notify_all();
    }
    return now_;
  }
  SteadyTime steady() const override { return SteadyTime{}; }
  bool wait_for(int orders) const {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, std::chrono::seconds{20}, [&] { return made_ >= orders; });
  }
  int made() const {
    const std::lock_guard lock(mutex_);
    return made_;
  }

 private:
  const UtcTime now_;
  mutable pg::Connection owner_;  // guarded by mutex_
  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  mutable int made_ = 0;  // guarded by mutex_
};

}  // namespace

TEST_CASE_METHOD(Recipients,
                 "recipient retention: after its time a recipient is there masked and as a reference only") {
  settings.recipient_retention = std::chrono::days{30};
  const std::string old = log(ann);
  log(ann, Status::SENT, old);
  clock.advance(std::chrono::hours{24 * 29});
  const std::string recent = log("bob@example.com");
  CHECK(apply_retention(connection, settings, clock.now()).redacted_rows == 0);
  CHECK(in_clear() == 2);
  clock.advance(std::chrono::hours{25});
  CHECK(apply_retention(connection, settings, clock.now()).redacted_rows == 1);
  CHECK(apply_retention(connection, settings, clock.now()).redacted_rows == 0);
  CHECK(find_message(connection, old)->facts.recipient.empty());
  CHECK(find_message(connection, old)->facts.recipient_masked == "a***@example.com");
  CHECK(find_message(connection, recent)->facts.recipient == "bob@example.com");
  MessageFilter filter;
  filter.recipient = ann;
  CHECK(find_messages(connection, filter, running.sealer())->messages.size() == 1);
}

TEST_CASE_METHOD(Recipients, "recipient retention: what comes late is not stored in clear any more") {
  const std::string id = new_uuid(clock.now());
  clock.advance(std::chrono::hours{24 * 31});
  MessageEvent event = message_event(id, Status::QUEUED, clock.now());
  feed(std::vector{event});
  CHECK(in_clear() == 0);
}

TEST_CASE_METHOD(Recipients, "recipient retention: many rows go in steps, each once") {
  std::vector<MessageEvent> batch;
  for (int i = 0; i < 25; ++i) batch.push_back(message_event(new_uuid(clock.now()), Status::QUEUED, clock.now()));
  feed(batch);
  const std::string all =
      "SELECT redacted, done FROM health.redact_recipients('ffffffff-ffff-ffff-ffff-ffffffffffff', 10)";
  CHECK(connection.run(all)[0][0].as<int>() == 10);
  CHECK(connection.run(all)[0][0].as<int>() == 10);
  const auto last = connection.run(all)[0];
  CHECK(last[0].as<int>() == 5);
  CHECK(last[1].as<bool>());
  CHECK(in_clear() == 0);
}

TEST_CASE_METHOD(Recipients,
                 "recipient erasure: afterwards no table knows the address, and others' messages are as before") {
  const std::string id = log(ann), others = log("bob@example.com");
  log(ann, Status::FAILED, id);
  REQUIRE(rows_with(ann) == 2);
  const auto answer = order_erasure(R"({"recipient":"Ann@example.com","reason":"ASKED_BY_MAIL"})");
  REQUIRE(answer.status == 202);
  CHECK(answer.body.find("nn@") == std::string::npos);
  erase.work();
  CHECK(rows_with(ann) == 0);
  CHECK(rows_with("a***@") == 1);  // of bob's test event, which is masked so too
  MessageFilter filter;
  filter.recipient = ann;
  CHECK(find_messages(connection, filter, running.sealer())->messages.empty());
  const auto view = find_message(connection, id);
  REQUIRE(view);
  CHECK(view->status == Status::FAILED);
  CHECK(view->facts.recipient_masked == "(erased)");
  CHECK(view->facts.metadata.empty());
  CHECK(find_message(connection, others)->facts.recipient == "bob@example.com");
  CHECK(find_message(connection, others)->facts.metadata.size() == 1);
}

TEST_CASE_METHOD(Recipients, "recipient erasure: is audited by reference only, and told to the other services") {
  log(ann);
  REQUIRE(order_erasure(R"({"recipient":"ann@example.com"})").status == 202);
  erase.work();
  const std::string hash = running.sealer().reference(ann);
  std::map<std::string, events::AuditEvent> audits;
  for (auto& audit : running.published<events::AuditEvent>(bus::topics::audit)) audits.emplace(audit.action, audit);
  CHECK(audits.at("RECIPIENT_ERASURE_REQUESTED").actor == "api:ops");
  CHECK(audits.at("RECIPIENT_ERASURE_REQUESTED").reason == "REQUESTED");
  CHECK(audits.at("RECIPIENT_ERASED").details.at("messages") == "1");
  for (const auto& [action, audit] : audits) {
    CHECK(audit.subject_id == hash);
    CHECK(events::to_json(audit).find(ann) == std::string::npos);
  }
  const auto feedback = running.published<events::Feedback>(bus::topics::feedback);
  REQUIRE(feedback.size() == 1);
  CHECK(feedback[0].kind == events::FeedbackKind::ERASE);
  CHECK(feedback[0].recipient_hash == hash);
}

TEST_CASE_METHOD(Recipients,
                 "recipient erasure: what comes in later of earlier messages is erased too, for four days") {
  const std::string id = log(ann);
  MessageEvent late = message_event(new_uuid(clock.now()), Status::QUEUED, clock.now());
  late.recipient_hash = running.sealer().reference(ann);
  REQUIRE(order_erasure(R"({"recipient":"ann@example.com"})").status == 202);
  erase.work();
  log(ann, Status::FAILED, id);  // its call was under way
  feed(std::vector{late});       // its event was
  clock.advance(erasure_repeat_interval);
  erase.work();
  CHECK(rows_with(ann) == 0);
  CHECK(number("SELECT count(*) FROM health.message_log WHERE recipient_masked = '(erased)'") == 3);
  clock.advance(std::chrono::hours{96});
  erase.work();
  CHECK(number("SELECT count(*) FROM health.erasures") == 0);
  CHECK(rows_with(running.sealer().reference(ann)) == 0);
}

TEST_CASE_METHOD(Recipients,
                 "recipient erasure: what is accepted after the order stays, however often it is done again") {
  const std::string before = log(ann);
  REQUIRE(order_erasure(R"({"recipient":"ann@example.com"})").status == 202);
  clock.advance(std::chrono::seconds{1});
  const std::string after = log(ann);
  log(ann, Status::FAILED, before);
  log(ann, Status::FAILED, after);
  erase.work();
  log(ann, Status::ATTEMPT_FAILED, before);
  clock.advance(erasure_repeat_interval);
  erase.work();
  CHECK(find_message(connection, before)->facts.recipient_masked == "(erased)");
  CHECK(number("SELECT count(*) FROM health.message_log WHERE recipient_masked = '(erased)'") == 3);
  const auto view = find_message(connection, after);
  CHECK(view->facts.recipient == ann);
  CHECK(view->facts.recipient_hash == running.sealer().reference(ann));
  CHECK(view->facts.metadata.size() == 1);
  CHECK(view->detail == "550 no such mailbox: " + ann);
  MessageFilter filter;
  filter.recipient = ann;
  CHECK(find_messages(connection, filter, running.sealer())->messages.size() == 1);
}

TEST_CASE_METHOD(Recipients, "recipient erasure: a stop does not wait for the steps that are left") {
  EndlessOrders orders(*this);
  EraseRecipients thread({as_health(), pool, running.producer(), running.sealer(), orders, std::chrono::hours{72}});
  thread.start();
  CHECK(orders.wait_for(3));
  thread.stop();
  CHECK(orders.made() < EndlessOrders::orders_max);
}

TEST_CASE_METHOD(Recipients, "recipient erasure: thousands of messages go in steps") {
  constexpr int count = erasure_step_messages * 2 + 1;
  std::vector<MessageEvent> batch;
  for (int i = 0; i < count; ++i) {
    batch.push_back(message_event(new_uuid(clock.now()), Status::QUEUED, clock.now()));
    batch.back().recipient_hash = running.sealer().reference(ann);
  }
  feed(batch);
  REQUIRE(order_erasure(R"({"recipient":"ann@example.com"})").status == 202);
  erase.work();
  CHECK(in_clear() == 0);
  CHECK(number("SELECT messages FROM health.erasures") == count);
}

TEST_CASE_METHOD(Recipients, "recipient erasure: a bad order is refused and changes nothing") {
  log(ann);
  const auto refused = running.post(path, R"({"recipient":"nobody"})");
  CHECK(refused.status == 400);
  CHECK(refused.body.find("\"field\":\"recipient\"") != std::string::npos);
  CHECK(running.post(path, R"({"recipient":"ann@example.com"})", running.shop_key).status == 403);
  CHECK(running.post(path, R"({"recipient":"ann@example.com"})", "crl_wrong").status == 401);
  erase.work();
  CHECK(in_clear() == 1);
  CHECK(number("SELECT count(*) FROM health.erasures") == 0);
}

TEST_CASE_METHOD(Recipients,
                 "recipient retention: the service's role can take recipients out of rows, and change nothing else") {
  log(ann);
  for (const char* sql :
       {"UPDATE health.message_log SET recipient = ''", "UPDATE health.redaction SET up_to = gen_random_uuid()",
        "UPDATE health.message_log SET status = 18"})
    CHECK_THROWS_AS(connection.run(sql), pg::StatementError);
}
