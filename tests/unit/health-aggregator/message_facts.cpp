#include "health-aggregator/core/message_facts.hpp"

#include <catch2/catch.hpp>

using namespace carillon::health;
using carillon::events::Channel;
using carillon::events::MessageEvent;
using carillon::events::Status;

namespace {

MessageEvent event(const std::string& id, Status status, const std::string& template_key = {},
                   Channel channel = Channel::EMAIL) {
  MessageEvent out;
  out.message_id = id;
  out.status = status;
  out.template_key = template_key;
  out.channel = channel;
  return out;
}

}  // namespace

TEST_CASE("message facts: a receipt takes template and channel from the log") {
  std::vector<MessageEvent> batch{event("a", Status::DELIVERED), event("b", Status::SENT, "T")};
  MessageFacts facts(batch);
  CHECK(facts.wanted() == std::set<std::string_view>{"a"});
  facts.learn("a", {"PAYMENT_FAILED", Channel::SMS});
  facts.fill(batch);
  CHECK(batch[0].template_key == "PAYMENT_FAILED");
  CHECK(batch[0].channel == Channel::SMS);
  CHECK(batch[1].template_key == "T");
}

TEST_CASE("message facts: what the batch itself says is not asked for, whatever the order") {
  std::vector<MessageEvent> batch{event("a", Status::BOUNCED), event("a", Status::SENT, "T", Channel::SLACK),
                                  event("a", Status::DELIVERED)};
  MessageFacts facts(batch);
  CHECK(facts.wanted().empty());
  facts.fill(batch);
  CHECK(batch[0].template_key == "T");
  CHECK(batch[2].template_key == "T");
  CHECK(batch[2].channel == Channel::SLACK);
}

TEST_CASE("message facts: of a message nobody knows they stay empty, and other events are left alone") {
  std::vector<MessageEvent> batch{event("a", Status::DELIVERED), event("b", Status::QUEUED)};
  MessageFacts facts(batch);
  CHECK(facts.wanted() == std::set<std::string_view>{"a"});
  facts.fill(batch);
  CHECK(batch[0].template_key.empty());
  CHECK(batch[0].channel == Channel::EMAIL);
  CHECK(batch[1].template_key.empty());
}
