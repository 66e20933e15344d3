#include <condition_variable>
#include <mutex>
#include <regex>

#include "admin.hpp"
#include "bus/dead_letters.hpp"
#include "health-aggregator/adapters/dead_letter_pages.hpp"
#include "health-aggregator/core/list_filter.hpp"
#include "http/stream.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace carillon::health::testing;
using namespace std::chrono_literals;
using security::Role;

namespace {

const std::string ann = "ann@example.com", bob = "bob@example.com";

struct Pages : World {
  explicit Pages(const std::string& payload_keys = payload_key)
      : running(*this, payload_keys),
        admin(*this, running, Role::ADMIN),
        ingest(metrics, clock),
        feed(*this, ingest),
        audit(as_health(), audit_key, clock),
        audit_feed(*this, audit) {}

  std::string message(Status end, const std::string& to = ann, const std::string& reason = "") {
    clock.advance(1s);
    const std::string id = new_uuid(clock.now());
    MessageEvent queued = message_event(id, Status::QUEUED, clock.now());
    queued.recipient = to;
    queued.recipient_masked = to.substr(0, 1) + "***@example.com";
    queued.recipient_hash = running.sealer().reference(to);
    MessageEvent last = message_event(id, end, clock.now() + 120ms, 1);
    last.reason = reason;
    feed(std::vector{queued, last});
    return id;
  }

  static void add_letter(bus::Outbox& out, const bus::Topic& topic, const std::string& reason) {
    out.publish(
        topic,
        {"key", {{"ce_id", "1"}, {"dlq-reason", reason}, {"dlq-detail", "recipient: is <missing>"}}, "secret body"});
  }
  void add_letters(const bus::Topic& topic, const std::string& reason, std::size_t count = 1) {
    bus::Outbox out;
    for (std::size_t i = 0; i < count; ++i) add_letter(out, topic, reason);
    pg::Transaction tx(owner());
    running.producer().commit(out, tx);
  }
  // Where the list of dead letters leads, those of this topic alone.
  std::vector<std::string> letter_paths(const bus::Topic& topic) const {
    const std::string body = admin.get("/admin/dead-letters").body;
    const std::regex link("/admin/dead-letters/" + std::string(topic.name) + "/[^\"]+");
    return {std::sregex_token_iterator(body.begin(), body.end(), link), std::sregex_token_iterator()};
  }

  // Ids of a list page's rows, top down.
  static std::vector<std::string> ids_of(const http::Response& page) {
    static const std::regex row("<tr data-id=\"([^\"]+)\"");
    std::vector<std::string> ids;
    for (std::sregex_iterator found(page.body.begin(), page.body.end(), row), end; found != end; ++found)
      ids.push_back((*found)[1]);
    return ids;
  }

  RunningService running;
  Person admin;
  IngestMessageLog ingest;
  Feed feed;
  IngestAudit audit;
  Feed audit_feed;
};

const std::string old_key(64, 'b');

struct PagesInRotation : Pages {
  PagesInRotation() : Pages(payload_key + "," + old_key) {}
};

// What a stream was sent, as text; waits for it.
class Heard {
 public:
  explicit Heard(http::Stream& stream) {
    stream.attach([this](const std::string& bytes) {
      const std::lock_guard lock(mutex_);
      text_ += bytes;
      more_.notify_all();
    });
  }
  bool wait_for(const std::string& text) {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, 20s, [&] { return text_.find(text) != std::string::npos; });
  }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::string text_;
};

}  // namespace

TEST_CASE_METHOD(Pages, "health page and its neighbours are an ADMIN's: others get 403, nobody is sent to the login") {
  const Person owner(*this, running, Role::OWNER), staff(*this, running, Role::STAFF);
  const std::string id = message(Status::SENT);
  for (const std::string path :
       {"/admin/notification-health", "/admin/messages", "/admin/audit", "/admin/dead-letters"}) {
    INFO(path);
    CHECK(admin.get(path).status == 200);
    CHECK(owner.get(path).status == 403);
    CHECK(staff.get(path).status == 403);
    const auto nobody = running.call(http::Method::GET, path, {});
    CHECK(nobody.status == 303);
    CHECK(location(nobody).starts_with("/login?next="));
  }
  CHECK(owner.get("/admin/messages/" + id).status == 403);
  CHECK(owner.post("/admin/messages/" + id + "/reveal", {}).status == 403);
  CHECK(owner.get("/admin/notification-health/live").status == 403);
  CHECK(running.call(http::Method::GET, "/admin/notification-health/live", {}).status == 401);
}

TEST_CASE_METHOD(Pages, "health page: sentence, totals, failures and table say what the log says") {
  for (int i = 0; i < 12; ++i) message(Status::SENT);
  for (int i = 0; i < 3; ++i) message(Status::FAILED, ann, "RECIPIENT_REFUSED");
  const auto page = admin.get("/admin/notification-health");
  REQUIRE(page.status == 200);
  CHECK(holds(page, "All well: 12 sent, 20 % failed, nothing waiting."));
  CHECK(holds(page, "<dt>Sent</dt><dd>12</dd><dd class=\"soft\">e-mail 12</dd>"));
  CHECK(holds(page, "<dt>Failed</dt><dd>3</dd>"));
  CHECK(holds(page, "Failed: recipient refused"));
  CHECK(holds(page, "No provider has told of itself yet"));
  CHECK(holds(page, "<td class=\"number\">12</td><td class=\"number\">0</td><td class=\"number\">3</td>"));
  CHECK(holds(page, "<td class=\"number\">–</td>"));
  CHECK(ids_of(page).size() == 12);
  CHECK_FALSE(holds(page, ann));
  for (int i = 0; i < 10; ++i) message(Status::FAILED, ann, "RECIPIENT_REFUSED");
  CHECK(holds(admin.get("/admin/notification-health"),
              "Many messages fail: 13 of 25 in the last 60 min (52 %), most of them PAYMENT_FAILED with "
              "RECIPIENT_REFUSED."));
  const auto failed = admin.get(link_called(page, "PAYMENT_FAILED"));
  CHECK(failed.status == 200);
}

TEST_CASE_METHOD(Pages, "health page: the window is in the address bar, and one that is not offered is told") {
  const auto day = admin.get("/admin/notification-health?window=1440");
  CHECK(holds(day, "nothing was sent in the last 24 h"));
  CHECK(holds(day, "last 24 h</h2>"));
  const auto odd = admin.get("/admin/notification-health?window=7");
  CHECK(odd.status == 400);
  CHECK(holds(odd, "these are the last 60 min"));
}

TEST_CASE_METHOD(Pages, "health page: waiting and held messages, the oldest and what is not read yet are told") {
  clock.advance(1s);
  const std::string waiting = new_uuid(clock.now());
  feed(std::vector{message_event(waiting, Status::QUEUED, clock.now())});
  clock.advance(10min);
  message(Status::UNCONFIRMED);
  const auto page = admin.get("/admin/notification-health");
  CHECK(holds(page, "1 message waits, the oldest for 10 min."));
  CHECK(holds(page, "1 message waits for a decision: nobody knows whether it went out."));
  CHECK(holds(page, "<dt>Oldest waiting</dt><dd>10 min</dd>"));
  CHECK(holds(page, "<a href=\"/admin/held\">decide</a>"));
}

TEST_CASE_METHOD(Pages, "health page: the stream has the rows at once, and again when one of them changes") {
  const std::string first = message(Status::QUEUED);
  running.start();
  const auto answer = admin.get("/admin/notification-health/live");
  REQUIRE(answer.status == 200);
  REQUIRE(answer.stream != nullptr);
  Heard heard(*answer.stream);
  REQUIRE(heard.wait_for("data-id=\"" + first + "\""));
  CHECK(heard.text().starts_with("event: recent\n"));
  CHECK(heard.text().find(ann) == std::string::npos);
  const std::string second = message(Status::SENT, bob);
  CHECK(heard.wait_for("data-id=\"" + second + "\""));
  CHECK(heard.wait_for("b***@example.com"));
}

TEST_CASE_METHOD(Pages, "message pages: a search by recipient leads to a reference, never to the address") {
  const std::string of_ann = message(Status::SENT, ann), of_bob = message(Status::SENT, bob);
  const auto found = admin.post("/admin/messages/search", {{"recipient", " Bob@Example.com"}, {"status", "SENT"}});
  REQUIRE(found.status == 303);
  CHECK(location(found).find("example") == std::string::npos);
  CHECK(ids_of(admin.get(location(found))) == std::vector{of_bob});
  CHECK(location(admin.post("/admin/messages/search", {{"id", of_ann}})) == "/admin/messages/" + of_ann);
  CHECK(admin.post("/admin/messages/search", {{"id", "17"}}).status == 422);
  CHECK(admin.post("/admin/messages/search", {{"recipient", ann}}, false).status == 403);
  CHECK(admin.get("/admin/messages?recipient=ann%40example.com").status == 400);
  CHECK(admin.get("/admin/messages?recipient_hash=x").status == 400);
}

TEST_CASE_METHOD(PagesInRotation, "message pages: a search by recipient finds what was logged under each key") {
  clock.advance(1s);
  MessageEvent before = message_event(new_uuid(clock.now()), Status::QUEUED, clock.now());
  before.recipient_hash = security::Sealer::from_text(old_key)->reference(ann);
  feed(std::vector{before});
  const std::string after = message(Status::SENT, ann);
  message(Status::SENT, bob);
  const auto list = admin.get(location(admin.post("/admin/messages/search", {{"recipient", ann}})));
  CHECK(ids_of(list) == std::vector{after, before.message_id});
  const std::string references = before.recipient_hash + "," + running.sealer().reference(ann);
  CHECK(holds(list, "name=\"recipient_hash\" value=\"" + references + "\""));
  const auto narrowed = admin.post("/admin/messages/search", {{"recipient_hash", references}, {"status", "SENT"}});
  CHECK(ids_of(admin.get(location(narrowed))) == std::vector{after});
  CHECK(admin.get("/admin/messages?recipient_hash=" + references + ",").status == 400);
  std::string many = references;
  for (std::size_t i = 1; i < references_max; ++i) many += "," + before.recipient_hash;
  CHECK(admin.get("/admin/messages?recipient_hash=" + many).status == 400);
}

TEST_CASE_METHOD(Pages,
                 "message pages: a recipient is offered for suppression by its reference, one that was erased not") {
  const std::string known = message(Status::SENT);
  CHECK(holds(admin.get("/admin/messages/" + known), "value=\"" + running.sealer().reference(ann) + "\""));
  MessageEvent erased = message_event(new_uuid(clock.now()), Status::QUEUED, clock.now());
  erased.recipient_hash = std::string(32, 'a');
  feed(std::vector{erased});
  const auto page = admin.get("/admin/messages/" + erased.message_id);
  REQUIRE(page.status == 200);
  CHECK_FALSE(holds(page, "Suppress the recipient"));
}

TEST_CASE_METHOD(Pages, "message pages: filters are in the address bar, and a bad one is named") {
  message(Status::SENT);
  const std::string failed = message(Status::FAILED);
  CHECK(ids_of(admin.get("/admin/messages?status=FAILED&channel=EMAIL&client_id=")) == std::vector{failed});
  const auto search = admin.post("/admin/messages/search", {{"from", "2026-01-01T10:00"}, {"client_id", "acme"}});
  CHECK(location(search) == "/admin/messages?client_id=acme&from=2026-01-01T10%3A00%3A00Z");
  const auto page = admin.get(location(search));
  CHECK(holds(page, "value=\"2026-01-01T10:00\""));
  CHECK(ids_of(page).size() == 2);
  const auto bad = admin.get("/admin/messages?from=yesterday");
  CHECK(bad.status == 400);
  CHECK(holds(bad, "<a href=\"#from\">"));
  CHECK(holds(admin.get("/admin/messages?client_id=globex"), "No message fits these filters."));
}

TEST_CASE_METHOD(Pages, "message pages: each message comes once, page after page") {
  std::vector<std::string> ids;
  for (int i = 0; i < 120; ++i) ids.push_back(message(Status::SENT));
  std::reverse(ids.begin(), ids.end());
  std::vector<std::string> seen;
  std::string path = "/admin/messages?client_id=acme";
  while (!path.empty()) {
    const auto page = admin.get(path);
    for (std::string& id : ids_of(page)) seen.push_back(std::move(id));
    path = link_called(page, "Older →");
    REQUIRE(seen.size() <= ids.size());
  }
  CHECK(seen == ids);
}

TEST_CASE_METHOD(Pages, "message pages: the timeline has every step, and an unknown id is told") {
  clock.advance(1s);
  const std::string id = new_uuid(clock.now());
  MessageEvent refused = message_event(id, Status::ATTEMPT_FAILED, clock.now() + 300ms, 1);
  refused.reason = "TEMPORARY";
  refused.provider_code = "500";
  refused.detail = "<b>sorry</b>";
  MessageEvent sent = message_event(id, Status::SENT, clock.now() + 900ms, 2);
  sent.provider = "ses";
  sent.provider_message_id = "0100";
  feed(std::vector{message_event(id, Status::QUEUED, clock.now()), refused, sent});
  const auto page = admin.get("/admin/messages/" + id);
  REQUIRE(page.status == 200);
  CHECK(holds(page, "Sent by ses after postmark refused it."));
  CHECK(holds(page, "postmark was called and failed"));
  CHECK(holds(page, "0.6 s later"));
  CHECK(holds(page, "<code>500</code>"));
  CHECK(holds(page, "&lt;b&gt;sorry"));
  CHECK(holds(page, "<code>0100</code>"));
  CHECK(admin.get("/admin/messages/" + new_uuid(clock.now())).status == 404);
  CHECK(admin.get("/admin/messages/none").status == 404);
}

TEST_CASE_METHOD(Pages, "message pages: a recipient is masked until somebody asks, which is audited first") {
  const std::string id = message(Status::SENT);
  running.start();
  CHECK_FALSE(holds(admin.get("/admin/messages/" + id), ann));
  CHECK(admin.post("/admin/messages/" + id + "/reveal", {}, false).status == 403);
  const auto shown = admin.post("/admin/messages/" + id + "/reveal", {});
  CHECK(shown.status == 200);
  CHECK(holds(shown, ann));
  REQUIRE(running.until([&] {
    return number("SELECT count(*) FROM health.audit_log WHERE action = 'MESSAGE_DETAIL_VIEWED' AND actor = 'account:" +
                  admin.account_id() + "' AND subject_id = '" + id + "'") == 1;
  }));
}

TEST_CASE_METHOD(Pages, "audit page: filters, pages and the state of the chains") {
  std::vector<events::AuditEvent> batch;
  for (int i = 0; i < 70; ++i)
    batch.push_back(audit_event(clock.now() + std::chrono::seconds{i}, i % 2 ? "ODD" : "EVEN", "s"));
  audit_feed(batch);
  audit.sign_heads();
  const auto all = admin.get("/admin/audit");
  CHECK(holds(all, "<strong>ODD</strong>"));
  CHECK(holds(all, "<code>0/70</code>"));
  CHECK(holds(all, "<td class=\"number\">70</td>"));  // signed up to
  const auto older = admin.get(link_called(all, "Older →"));
  CHECK(holds(older, "<code>0/20</code>"));
  CHECK_FALSE(holds(older, "<code>0/21</code>"));
  const auto odd = admin.get("/admin/audit?action=ODD&from=&actor=");
  CHECK(holds(odd, "<strong>ODD</strong>"));
  CHECK_FALSE(holds(odd, "<strong>EVEN</strong>"));
  CHECK(holds(admin.get("/admin/audit?action=NEVER"), "No entry fits these filters."));
  CHECK(admin.get("/admin/audit?from=2026-01-02T00:00&to=2026-01-01T00:00").status == 400);
}

TEST_CASE_METHOD(Pages, "dead letter pages: listed, looked at, and sent back with an audit entry") {
  add_letters(bus::topics::send_requests_dlq, "INVALID_FIELD");
  add_letters(bus::topics::dispatch_dlq, "HANDLER_FAILED");
  running.start();
  CHECK(holds(admin.get("/admin/notification-health"), "2 records could not be handled"));
  const auto list = admin.get("/admin/dead-letters");
  CHECK(holds(list, "2 in all"));
  CHECK(holds(list, "recipient: is &lt;missing&gt;"));
  const auto requests = letter_paths(bus::topics::send_requests_dlq),
             dispatches = letter_paths(bus::topics::dispatch_dlq);
  REQUIRE(requests.size() == 1);
  REQUIRE(dispatches.size() == 1);
  const std::string &request = requests[0], &dispatch = dispatches[0];
  const auto shown = admin.get(request);
  CHECK(holds(shown, "Send it back"));
  CHECK_FALSE(holds(shown, "secret body"));
  CHECK(holds(admin.get(dispatch), "carillon dlq replay notification.dispatch.v1"));
  CHECK(admin.post(dispatch + "/replay", {}).status == 409);
  CHECK(admin.post(request + "/replay", {}, false).status == 403);
  CHECK(location(admin.post(request + "/replay", {})) == request + "?done=replayed");
  std::vector<bus::Received> sent;
  for (int partition = 0; partition < running.producer().partitions(); ++partition) {
    for (auto& each : running.producer().peek(bus::topics::send_requests, partition, -1, 10)) sent.push_back(each);
  }
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].record.value == "secret body");
  CHECK(bus::header(sent[0].record.headers, "ce_id") == "1");
  CHECK(bus::header(sent[0].record.headers, "dlq-reason").empty());
  CHECK(running.until(
      [&] { return number("SELECT count(*) FROM health.audit_log WHERE action = 'DEAD_LETTER_REPLAYED'") == 1; }));
  CHECK(admin.get("/admin/dead-letters/notification.dispatch.v1/0/0").status == 404);
  CHECK(admin.get("/admin/dead-letters/notification.dispatch.v1.dlq/99/0").status == 404);
}

TEST_CASE_METHOD(Pages, "dead letter pages: the list has the newest of all topics, whatever there are") {
  constexpr std::size_t older = 40, newer = 30;
  add_letters(bus::topics::dispatch_dlq, "HANDLER_FAILED", older);
  add_letters(bus::topics::send_requests_dlq, "INVALID_FIELD", newer);
  CHECK(holds(admin.get("/admin/dead-letters"), "70 in all, the newest 50 of them here."));
  CHECK(letter_paths(bus::topics::send_requests_dlq).size() == newer);
  const auto dispatches = letter_paths(bus::topics::dispatch_dlq);
  REQUIRE(dispatches.size() == shown_letters_max - newer);
  CHECK(dispatches.front().ends_with("/" + std::to_string(older)));
}

TEST_CASE_METHOD(Pages, "dead letter pages: send requests and status events go back, no other topic's") {
  for (const bus::Topic& topic : bus::topics::all) {
    if (!bus::is_dead_letter_topic(topic.name)) continue;
    INFO(topic.name);
    add_letters(topic, "HANDLER_FAILED");
    const auto paths = letter_paths(topic);
    REQUIRE(paths.size() == 1);
    const bool goes_back =
        topic.name == bus::topics::send_requests_dlq.name || topic.name == bus::topics::message_log_dlq.name;
    CHECK(holds(admin.get(paths[0]), goes_back ? "Send it back" : "carillon dlq replay"));
    CHECK(admin.post(paths[0] + "/replay", {}).status == (goes_back ? 303 : 409));
  }
}
