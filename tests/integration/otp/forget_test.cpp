#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"
#include "integration/otp/world.hpp"
#include "otp/app/forget_recipients.hpp"

using namespace carillon;
using namespace carillon::otp;
using namespace carillon::otp::testing;

namespace {

// As the consumer hands it over.
std::vector<events::AuditEvent> forget(World& world, const std::string& hash, events::FeedbackKind kind) {
  events::Feedback feedback;
  feedback.kind = kind;
  feedback.channel = events::Channel::SMS;
  feedback.recipient_hash = hash;
  const UtcTime now = world.clock.now();
  const bus::Received received{
      0,
      1,
      now,
      {hash, events::binary_headers("carillon.feedback.v1", "carillon/x", "e1", now), events::to_json(feedback)}};
  const bus::Received unreadable{0, 2, now, {hash, {}, "garbage"}};
  ForgetRecipients handler(world.clock);
  pg::ConnectionSettings settings;
  settings.url = world.database.url();
  settings.role = role;
  pg::Connection connection(settings);
  pg::Transaction tx(connection);
  bus::Outbox out;
  handler.handle(std::vector{received, unreadable}, tx, out);
  tx.commit();
  std::vector<events::AuditEvent> audits;
  for (const auto& [topic, records] : out.records())
    for (const bus::Record& record : records.second)
      audits.push_back(*events::from_json<events::AuditEvent>(record.value));
  return audits;
}

}  // namespace

TEST_CASE("recipient erasure: codes and that a number is verified are forgotten, of others nothing") {
  World world;
  for (const std::string number : {ann, bob}) {
    world.send(number);
    CHECK(world.verify(number, world.last_code()).status == 200);
    world.send(number);
  }
  const auto audits = forget(world, world.sealer().reference(ann), events::FeedbackKind::ERASE);
  REQUIRE(audits.size() == 1);
  CHECK(audits[0].action == "RECIPIENT_ERASED");
  CHECK(audits[0].details.at("verified") == "1");
  CHECK(audits[0].details.at("codes") == "1");
  for (const char* table : {"recipients", "challenges", "verified_recipients"}) {
    const std::string rows = std::string("SELECT count(*) FROM otp.") + table + " WHERE recipient_hash = '";
    CHECK(world.number(rows + world.sealer().reference(ann) + "'") == 0);
    CHECK(world.number(rows + world.sealer().reference(bob) + "'") == 1);
  }
}

TEST_CASE("recipient erasure: wrong codes keep counting") {
  World world;
  world.send(ann);
  world.verify(ann, world.wrong_code());
  forget(world, world.sealer().reference(ann), events::FeedbackKind::ERASE);
  CHECK(world.number("SELECT failures FROM otp.recipients") == 1);
}

TEST_CASE("recipient erasure: other feedback is not for this service") {
  World world;
  world.send(ann);
  CHECK(forget(world, world.sealer().reference(ann), events::FeedbackKind::SUPPRESS).empty());
  CHECK(world.number("SELECT count(*) FROM otp.challenges") == 1);
}
