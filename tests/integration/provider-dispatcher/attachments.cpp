#include "attachments/attachments.hpp"

#include "provider-dispatcher/app/load_attachments.hpp"
#include "provider-dispatcher/service.hpp"
#include "security/digest.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using namespace std::chrono_literals;

namespace {

void with_files(World& world) {
  pg::migrate(world.owner(), attachments::schema());
  attachments::grant_reader(world.owner(), role);
}

events::AttachmentRef store(World& world, const std::string& content, const std::string& name = "a.pdf") {
  const UtcTime now = world.clock.now();
  const attachments::Facts facts{new_uuid(now),
                                 "api:shop",
                                 name,
                                 "application/pdf",
                                 static_cast<std::int32_t>(content.size()),
                                 security::sha256(content)};
  attachments::store(world.owner(), facts, content, now, now + 1h);
  return {facts.attachment_id, name, facts.content_type, facts.bytes, security::hex(facts.sha256)};
}

events::Dispatch carrying(const World& world, std::vector<events::AttachmentRef> files) {
  events::Dispatch dispatch = world.dispatch();
  dispatch.attachments = std::move(files);
  return dispatch;
}

std::string content_of(const OutboundMessage& message, std::size_t i = 0) {
  return message.attachments.at(i).content ? *message.attachments.at(i).content : "nothing";
}

// What a loader gave back, by claim number. Thread-safe.
class Returned {
 public:
  void add(const std::string& what, const ClaimPtr& claim) {
    {
      const std::lock_guard lock(mutex_);
      claims_.emplace_back(what + std::to_string(claim->number), claim);
    }
    changed_.notify_all();
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, wait_max, [&] { return claims_.size() >= count; });
  }
  std::vector<std::string> names() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, claim] : claims_) names.push_back(name);
    return names;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, ClaimPtr>> claims_;
};

struct Loader {
  Loader(World& world, std::size_t bytes_max)
      : loader({world.as_owner(),
                [this](const std::vector<ClaimPtr>& claims) {
                  for (const ClaimPtr& claim : claims) returned.add("loaded", claim);
                },
                [this](const ClaimPtr& claim, const Outcome& outcome) {
                  returned.add(outcome.detail.substr(0, outcome.detail.find(':')) + " ", claim);
                },
                [this](const ClaimPtr& claim) { returned.add("released", claim); }, bytes_max}) {}

  ClaimPtr claim(std::int64_t number, std::vector<events::AttachmentRef> files, int priority = 2) {
    auto claim = std::make_shared<Claim>();
    claim->number = number;
    claim->priority = priority;
    claim->dispatch.attachments = std::move(files);
    claim->queued_at = std::chrono::steady_clock::now();
    return claim;
  }
  Returned returned;
  LoadAttachments loader;
};

}  // namespace

TEST_CASE("attachments: a call carries the bytes that were stored, names and types, and the link to unsubscribe") {
  const SystemClock clock;
  World world(clock);
  with_files(world);
  const auto postmark = std::make_shared<Script>("postmark");
  world.start({postmark});
  const std::string bytes = security::random_bytes(3'000'000);
  auto dispatch = carrying(world, {store(world, bytes, "Rechnung März.pdf"), store(world, "second")});
  dispatch.unsubscribe_url = "https://mail.example.com/unsubscribe/AQ";
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  const auto message = postmark->calls().at(0).message;
  REQUIRE(message.attachments.size() == 2);
  CHECK((content_of(message) == bytes));
  CHECK(message.attachments[0].file_name == "Rechnung März.pdf");
  CHECK(message.attachments[0].content_type == "application/pdf");
  CHECK(content_of(message, 1) == "second");
  CHECK(message.unsubscribe_url == "https://mail.example.com/unsubscribe/AQ");
}

TEST_CASE("attachments: messages without files cost no session; many with the same file one read") {
  const SystemClock clock;
  World world(clock);
  with_files(world);
  const auto postmark = std::make_shared<Script>("postmark");
  world.start({postmark});
  const auto plain = world.dispatch();
  world.publish({plain});
  REQUIRE(world.until_status(plain.message_id, Status::SENT));
  const auto sessions = [&] {
    return world.number(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE "
        "'dispatcher-attachments%'");
  };
  CHECK(sessions() == 0);
  const auto file = store(world, "shared");
  std::vector<events::Dispatch> many;
  for (int i = 0; i < 40; ++i) many.push_back(carrying(world, {file}));
  world.publish(many);
  REQUIRE(postmark->wait_for_calls(41));
  for (const auto& dispatch : many) REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(sessions() == 1);
  for (const auto& call : postmark->calls())
    if (!call.message.attachments.empty()) CHECK(content_of(call.message) == "shared");
}

TEST_CASE("attachments: a message whose file is gone or another FAILS and says so; others go on") {
  const SystemClock clock;
  World world(clock);
  with_files(world);
  const auto postmark = std::make_shared<Script>("postmark");
  world.start({postmark});
  const auto gone = store(world, "gone"), kept = store(world, "kept");
  world.owner().run("DELETE FROM attachments.files WHERE attachment_id = '" + gone.attachment_id + "'");
  auto changed_ref = kept;
  changed_ref.sha256 = gone.sha256;
  const auto lost = carrying(world, {kept, gone}), changed = carrying(world, {changed_ref}),
             good = carrying(world, {kept});
  world.publish({lost, changed, good});
  REQUIRE(world.until_status(lost.message_id, Status::FAILED));
  REQUIRE(world.until_status(changed.message_id, Status::FAILED));
  REQUIRE(world.until_status(good.message_id, Status::SENT));
  const auto failed = world.log(lost.message_id).back();
  CHECK(failed.reason == "CONTENT_REJECTED");
  CHECK(failed.detail == "ATTACHMENT_GONE: the attachment " + gone.attachment_id + " is no longer kept");
  CHECK(world.log(changed.message_id).back().detail.starts_with("ATTACHMENT_CHANGED: "));
  CHECK(postmark->count() == 1);
  CHECK(world.pending() == 0);
}

TEST_CASE("attachments: the next provider of the chain gets the files too") {
  const SystemClock clock;
  World world(clock);
  with_files(world);
  const auto postmark = std::make_shared<Script>("postmark"), smtp = std::make_shared<Script>("smtp");
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR));
  world.start({postmark, smtp});
  const auto dispatch = carrying(world, {store(world, "again")});
  world.publish({dispatch});
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
  CHECK(content_of(postmark->calls().at(0).message) == "again");
  CHECK(content_of(smtp->calls().at(0).message) == "again");
}

TEST_CASE("attachments: a rated provider's calls carry files too") {
  const SystemClock clock;
  World world(clock);
  with_files(world);
  const auto ses = std::make_shared<Script>("ses");
  ses->rate_per_second = 20;
  world.start({ses});
  std::vector<events::Dispatch> messages;
  for (int i = 0; i < 5; ++i) messages.push_back(carrying(world, {store(world, security::random_bytes(1'000'000))}));
  world.publish(messages);
  for (const auto& message : messages) REQUIRE(world.until_status(message.message_id, Status::SENT));
  for (const auto& call : ses->calls())
    CHECK(security::hex(security::sha256(content_of(call.message))) != security::hex(security::sha256("nothing")));
}

TEST_CASE("attachments: files in calls keep to their bound; who waits goes on when a call ends, in order of priority") {
  const SystemClock clock;
  World world(clock);
  with_files(world);
  const auto ref = store(world, "sixsix");
  Loader files(world, 10);
  const auto first = files.claim(1, {ref});
  CHECK_FALSE(files.loader.take_or_wait(first));
  REQUIRE(files.returned.wait_for(1));
  CHECK(files.returned.names() == std::vector<std::string>{"loaded1"});
  REQUIRE(first->carried.files.size() == 1);
  CHECK(*first->carried.files[0].content == "sixsix");
  const auto normal = files.claim(2, {ref}, 2), critical = files.claim(3, {ref}, 1);
  CHECK_FALSE(files.loader.take_or_wait(normal));
  CHECK_FALSE(files.loader.take_or_wait(critical));
  CHECK(files.returned.names().size() == 1);
  first->carried.room.reset();
  REQUIRE(files.returned.wait_for(2));
  CHECK(files.returned.names().back() == "loaded3");
  critical->carried.room.reset();
  REQUIRE(files.returned.wait_for(3));
  CHECK(files.returned.names().back() == "loaded2");
  normal->carried.room.reset();
  const auto again = files.claim(4, {ref});
  CHECK(files.loader.take_or_wait(again));  // read a moment ago, so it need not be read again
  CHECK(*again->carried.files[0].content == "sixsix");
}

TEST_CASE("attachments: what can never fit is refused, what waits too long is released, and so is all at the end") {
  const SystemClock clock;
  World world(clock);
  with_files(world);
  const auto ref = store(world, "sixsix"), other = store(world, "seven77");
  Loader files(world, 10);
  CHECK_FALSE(files.loader.take_or_wait(files.claim(1, {ref, ref})));
  REQUIRE(files.returned.wait_for(1));
  CHECK(files.returned.names().back() == "ATTACHMENTS_TOO_LARGE 1");
  const auto running = files.claim(2, {other});
  CHECK_FALSE(files.loader.take_or_wait(running));
  REQUIRE(files.returned.wait_for(2));
  const auto waiting = files.claim(3, {ref}), later = files.claim(4, {ref});
  files.loader.take_or_wait(waiting);
  later->queued_at = waiting->queued_at + 1h;
  files.loader.take_or_wait(later);
  files.loader.release_impatient(waiting->queued_at + 1s);
  CHECK(files.returned.names().back() == "released3");
  files.loader.stop();
  CHECK(files.returned.names().back() == "released4");
  CHECK_FALSE(files.loader.take_or_wait(files.claim(5, {ref})));
  CHECK(files.returned.names().back() == "released5");
  running->carried.room.reset();
}

TEST_CASE("attachments: without the table nobody is called and the claims are released") {
  const SystemClock clock;
  World world(clock);
  Loader files(world, 1'000);
  files.loader.take_or_wait(files.claim(1, {{"019c1699-7f98-7000-8000-0000000000a1", "a", "a/b", 1, "00"}}));
  REQUIRE(files.returned.wait_for(1));
  CHECK(files.returned.names().back() == "released1");
}
