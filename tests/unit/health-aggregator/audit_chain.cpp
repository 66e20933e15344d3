#include "health-aggregator/core/audit_chain.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::health;

namespace {

const std::string key(32, 'k');

events::AuditEvent sample() {
  events::AuditEvent event;
  event.event_id = "01890a5d-ac96-774b-bcce-b302099a8057";
  event.occurred_at = from_unix_micros(1'790'000'000'000'001);
  event.action = "MESSAGE_DECIDED";
  event.reason = "said \"details\":{ aloud";
  event.details = {{"channel", "EMAIL"}, {"quote", "\"details\":{"}};
  return event;
}

}  // namespace

TEST_CASE("audit chain: an HMAC depends on partition, place, predecessor, content and key") {
  ChainSigner signer(key);
  const std::string canonical = events::to_json(sample());
  const ChainHead head{1, 7, std::string(32, 'h')};
  const std::string hmac = signer.row_hmac(head, canonical);
  CHECK(hmac.size() == chain_hmac_bytes);
  CHECK(hmac == signer.row_hmac(head, canonical));
  CHECK(hmac != signer.row_hmac({2, 7, head.hmac}, canonical));
  CHECK(hmac != signer.row_hmac({1, 8, head.hmac}, canonical));
  CHECK(hmac != signer.row_hmac({1, 7, std::string(32, 'g')}, canonical));
  CHECK(hmac != signer.row_hmac(head, canonical + " "));
  CHECK(hmac != ChainSigner(std::string(32, 'l')).row_hmac(head, canonical));
}

TEST_CASE("audit chain: a checkpoint of one kind is none of the other") {
  ChainSigner signer(key);
  const ChainHead head{0, 1, std::string(32, 'h')};
  CHECK(signer.checkpoint_signature("HEAD", head) != signer.checkpoint_signature("RETENTION", head));
  CHECK(signer.checkpoint_signature("HEAD", head) == signer.checkpoint_signature("HEAD", head));
}

TEST_CASE("audit chain: the details are cut out of the canonical event, whatever the strings before them say") {
  const std::string canonical = events::to_json(sample());
  const std::string details(details_of(canonical));
  const auto back = events::from_json<events::AuditEvent>("{\"details\":" + details + "}");
  REQUIRE(back);
  CHECK(back->details == sample().details);
  events::AuditEvent bare = sample();
  bare.details.clear();
  CHECK(details_of(events::to_json(bare)) == "{}");
}

TEST_CASE("audit chain: a key is 32 bytes in hex or base64, nothing else") {
  const std::string bytes(
      "\x00\x01\x7f\x80\xff"
      "abcdefghijklmnopqrstuvwxyzA",
      32);
  CHECK(*read_audit_key(security::hex(bytes)) == bytes);
  CHECK(*read_audit_key(security::base64(bytes)) == bytes);
  for (const std::string& text : {std::string(), std::string("secret"), security::base64(bytes.substr(1)),
                                  security::hex(bytes) + "00", security::base64(bytes + "x")}) {
    CHECK_FALSE(read_audit_key(text));
  }
}
