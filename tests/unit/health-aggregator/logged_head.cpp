#include "health-aggregator/core/logged_head.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::health;

namespace {
std::string line(const ChainHead& head, const std::string& signature) {
  return R"({"ts":"2026-03-01T12:00:00Z","level":"info","event":"AUDIT_CHAIN_HEAD","partition":)" +
         std::to_string(head.partition) + R"(,"chain_seq":)" + std::to_string(head.chain_seq) + R"(,"hmac":")" +
         security::hex(head.hmac) + R"(","signature":")" + security::hex(signature) + "\"}";
}
}  // namespace

TEST_CASE("logged head: a signed one is read, other lines are none") {
  ChainSigner signer(std::string(32, 'k'));
  const ChainHead head{3, 17, std::string(32, '\x7f')};
  const auto read = read_logged_head(line(head, signer.checkpoint_signature("HEAD", head)), signer);
  REQUIRE(read);
  CHECK(*read == head);
  for (const char* other : {"", "nonsense", "[]", "{}", R"({"event":"HEALTH_RETENTION_APPLIED","partition":1})"}) {
    const auto none = read_logged_head(other, signer);
    REQUIRE(none);
    CHECK_FALSE(*none);
  }
}

TEST_CASE("logged head: one that was changed, or signed with another key, is forged") {
  ChainSigner signer(std::string(32, 'k')), other(std::string(32, 'x'));
  const ChainHead head{3, 17, std::string(32, '\x7f')};
  ChainHead later = head;
  later.chain_seq = 18;
  CHECK(read_logged_head(line(head, other.checkpoint_signature("HEAD", head)), signer).error().code == "HEAD_FORGED");
  CHECK(read_logged_head(line(later, signer.checkpoint_signature("HEAD", head)), signer).error().code == "HEAD_FORGED");
  CHECK_FALSE(read_logged_head(R"({"event":"AUDIT_CHAIN_HEAD"})", signer));
  CHECK_FALSE(read_logged_head(R"({"event":"AUDIT_CHAIN_HEAD","hmac":"zz","signature":1})", signer));
}
