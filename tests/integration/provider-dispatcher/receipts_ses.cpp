#include <fstream>
#include <map>

#include "http/server.hpp"
#include "provider-dispatcher/app/receipt_watch.hpp"
#include "receipt_calls.hpp"
#include "security/webhooks/self_made_chain.hpp"
#include "security/webhooks/sns_signature.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using http::Method;
namespace webhooks = security::webhooks;

namespace {

constexpr const char* topic = "arn:aws:sns:eu-west-1:123456789012:ses-events";
constexpr const char* certificate_path = "/SimpleNotificationService-1.pem";

// Keys are dear, so all cases share them.
const webhooks::SelfMadeChain& chain() {
  static const webhooks::SelfMadeChain made = [] {
    const SystemClock clock;
    webhooks::ChainWish wish;
    wish.valid_from = clock.now() - std::chrono::hours{24};
    wish.valid_until = clock.now() + std::chrono::hours{24};
    return webhooks::make_chain(wish);
  }();
  return made;
}

// Serves SNS's certificate and takes confirmations.
class SnsHost {
 public:
  SnsHost() : server_(runtime_, {}, router()) {}
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  int fetches() const { return fetches_; }
  int confirmations() const { return confirmations_; }
  std::atomic<int> certificate_status{200};

 private:
  http::Router router() {
    http::Router routes;
    routes.add(Method::GET, certificate_path, [this](const http::Request&) {
      ++fetches_;
      http::Response response;
      response.status = certificate_status;
      response.content_type = "application/x-pem-file";
      response.body = chain().leaf + chain().intermediate;
      return response;
    });
    routes.add(Method::GET, "/", [this](const http::Request& request) {
      if (request.query.count("Token") > 0 && request.query.at("Action") == "ConfirmSubscription") ++confirmations_;
      return http::json(200, "{}");
    });
    return routes;
  }
  http::Runtime runtime_;
  std::atomic<int> fetches_{0}, confirmations_{0};
  http::Server server_;
};

struct Scene {
  Scene() : world(clock), instance(world.start({ses}, {}, settings())) {}

  ReceiptSettings settings() const {
    ReceiptSettings out;
    out.ses_topic_arns = {topic};
    out.sns_trust = *webhooks::TrustStore::from_pem(chain().root);
    out.sns_base_url = host.url();
    return out;
  }
  webhooks::SnsMessage notification(const std::string& message) const {
    webhooks::SnsMessage out;
    out.type = webhooks::sns_notification;
    out.message_id = new_uuid(clock.now());
    out.topic_arn = topic;
    out.message = message;
    out.timestamp = to_rfc3339(clock.now());
    out.signature_version = "2";
    out.signing_cert_url = std::string("https://sns.eu-west-1.amazonaws.com") + certificate_path;
    return out;
  }
  int tell(const webhooks::SnsMessage& message) {
    return instance.call(Method::POST, "/api/webhooks/ses", {}, webhooks::sns_json(signer.sign(message))).status;
  }
  std::int64_t unmatched() { return world.number("SELECT count(*) FROM dispatcher.unmatched_receipts"); }

  SystemClock clock;
  SnsHost host;
  webhooks::SnsSigner signer = *webhooks::SnsSigner::from_pem(chain().leaf_key);
  ScriptPtr ses = std::make_shared<Script>("ses");
  World world;
  Instance& instance;
};

}  // namespace

TEST_CASE_METHOD(Scene, "receipts: SES by event publishing names our message, signed by either version") {
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  auto first = notification(ses_delivery("ses-1", dispatch.message_id, clock.now()));
  first.signature_version = GENERATE(as<std::string>{}, "1", "2");
  CHECK(tell(first) == 200);
  CHECK(tell(first) == 200);
  CHECK(world.statuses(dispatch.message_id).back() == Status::DELIVERED);
  CHECK(world.log(dispatch.message_id).back().provider_message_id == "ses-1");
  CHECK(host.fetches() == 1);
}

TEST_CASE_METHOD(Scene, "receipts: an SNS message of another topic, of another time or changed on the way is refused") {
  const auto good = notification(ses_delivery("ses-1", new_uuid(clock.now()), clock.now()));
  auto other_topic = good, old = good, other_host = good;
  other_topic.topic_arn += "-2";
  old.timestamp = to_rfc3339(clock.now() - std::chrono::hours{2});
  other_host.signing_cert_url = "https://sns.eu-west-1.amazonaws.com.example.com/x.pem";
  CHECK(tell(other_topic) == 403);
  CHECK(tell(old) == 403);
  CHECK(tell(other_host) == 403);
  CHECK(host.fetches() == 0);  // nothing is fetched for a stranger
  auto changed = signer.sign(good);
  changed.message += " ";
  CHECK(instance.call(Method::POST, "/api/webhooks/ses", {}, webhooks::sns_json(changed)).status == 403);
  CHECK(instance.call(Method::POST, "/api/webhooks/ses", {}, "{}").status == 400);
  CHECK(world.log().empty());
}

TEST_CASE_METHOD(Scene, "receipts: while SNS's certificate can't be had, SNS is to come again") {
  host.certificate_status = 500;
  const auto message = notification(ses_delivery("ses-1", new_uuid(clock.now()), clock.now()));
  const auto answer = instance.call(Method::POST, "/api/webhooks/ses", {}, webhooks::sns_json(signer.sign(message)));
  CHECK(answer.status == 503);
  CHECK_FALSE(http::field(answer.headers, "Retry-After").empty());
  CHECK(tell(message) == 503);
  CHECK(host.fetches() == 1);  // not for every call
}

TEST_CASE_METHOD(Scene, "receipts: calls that wait for one certificate fetch it once") {
  std::vector<std::future<http::Response>> answers;
  for (int i = 0; i < 20; ++i) {
    const auto message = notification(ses_delivery("ses-" + std::to_string(i), new_uuid(clock.now()), clock.now()));
    answers.push_back(instance.begin(Method::POST, "/api/webhooks/ses", {}, webhooks::sns_json(signer.sign(message))));
  }
  for (auto& answer : answers) CHECK(answer.get().status == 200);
  CHECK(host.fetches() == 1);
  CHECK(world.log().size() == 20);
}

TEST_CASE_METHOD(Scene, "receipts: a subscription to our topic is confirmed, one to another topic is not") {
  webhooks::SnsMessage message = notification("You have chosen to subscribe");
  message.type = webhooks::sns_subscription_confirmation;
  message.token = "2336412f37";
  message.subscribe_url = std::string("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=") +
                          topic + "&Token=2336412f37";
  CHECK(tell(message) == 200);
  CHECK(host.confirmations() == 1);
  message.topic_arn += "-2";
  CHECK(tell(message) == 403);
  CHECK(host.confirmations() == 1);
}

TEST_CASE_METHOD(Scene, "receipts: a notification that only names SES's id is matched by it, whichever comes first") {
  const auto dispatch = world.dispatch();
  ses->always(accepted("ses-77"));
  SECTION("the receipt comes after the outcome") {
    world.publish({dispatch});
    REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
    CHECK(world.number("SELECT count(*) FROM dispatcher.sent_calls") == 1);
    CHECK(tell(notification(ses_bounce("ses-77", clock.now()))) == 200);
    CHECK(world.statuses(dispatch.message_id) == std::vector{Status::SENT, Status::BOUNCED});
  }
  SECTION("the receipt comes before the outcome, twice") {
    CHECK(tell(notification(ses_bounce("ses-77", clock.now()))) == 200);
    CHECK(tell(notification(ses_bounce("ses-77", clock.now()))) == 200);
    CHECK(unmatched() == 1);
    CHECK(world.log().empty());
    world.publish({dispatch});
    REQUIRE(world.until_status(dispatch.message_id, Status::BOUNCED));
    CHECK(unmatched() == 0);
  }
  CHECK(world.feedback().size() == 1);
  CHECK(world.feedback()[0].recipient_hash == world.sealer.reference("ann@example.com"));
  CHECK(world.log(dispatch.message_id).back().attempt == 1);
  CHECK(world.audits("MESSAGE_DELIVERY").size() == 1);
}

TEST_CASE("receipts: what stays unmatched is dropped after 24 hours, with one audit entry for all of it") {
  carillon::testing::ManualClock clock;
  World world(clock);
  world.owner().run(
      "INSERT INTO dispatcher.unmatched_receipts SELECT 'ses', 'id-' || n, 0, 0, '', '', '', '', now(), to_timestamp(" +
      std::to_string(unix_micros(clock.now()) / 1'000'000) + ") FROM generate_series(1, 40) n");
  ReceiptFigures figures({"ses"});
  UnmatchedRoom room;
  metrics::Registry metrics;
  ReceiptRefusals refusals(metrics, clock);
  ReceiptWatch watch({world.bus(), clock, world.as_dispatcher(), figures, room, refusals, metrics});
  watch.look();
  CHECK(world.number("SELECT count(*) FROM dispatcher.unmatched_receipts") == 40);
  CHECK(room.room() == static_cast<std::size_t>(unmatched_receipts_max) - 40);
  clock.advance(unmatched_receipts_kept + std::chrono::minutes{1});
  watch.look();
  CHECK(world.number("SELECT count(*) FROM dispatcher.unmatched_receipts") == 0);
  const auto audits = world.audits("RECEIPTS_UNMATCHED");
  REQUIRE(audits.size() == 1);
  CHECK(audits[0].details.at("receipts") == "40");
}

TEST_CASE("receipts: of unknown calls no more are kept than there is room for") {
  const SystemClock clock;
  World world(clock);
  std::vector<Receipt> receipts(3);
  std::vector<Receipt*> pointers;
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    receipts[i].provider = "ses";
    receipts[i].provider_message_id = "id-" + std::to_string(i);
    receipts[i].occurred_at = clock.now();
    pointers.push_back(&receipts[i]);
  }
  bus::Outbox out;
  pg::Transaction tx(world.owner());
  const AppliedReceipts applied = apply_receipts(tx, world.bus(), out, pointers, 2, clock.now());
  tx.commit();
  CHECK(applied.unmatched == 2);
  CHECK(applied.dropped == 1);
  CHECK(out.empty());
}
