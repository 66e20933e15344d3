#include "security/webhooks/sendgrid_signature.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "security/digest.hpp"
#include "security/webhooks/self_made_chain.hpp"

namespace carillon::security::webhooks {
namespace {

using std::chrono::seconds;
using Keys = std::vector<SendGridKey>;

const UtcTime now = *parse_unix_seconds("1700000000");
const std::string timestamp = "1700000000";
const std::string body = "[{\"event\":\"bounce\",\"sg_event_id\":\"x\"}]\r\n";
constexpr seconds tolerance{600};

const SendGridSigner& signer() {
  static const SendGridSigner made = SendGridSigner::generate();
  return made;
}

SendGridKey key_of(const SendGridSigner& from) {
  return SendGridKey::from_base64(from.public_key()).value();
}

Verdict check(const std::string& signature, const std::string& time, const std::string& content) {
  return verify_sendgrid(signature, time, content, Keys{key_of(signer())}, now, tolerance);
}

TEST_CASE("sendgrid signature: what was signed verifies, and not with a bit changed") {
  CHECK(rc::check([](const std::string& any_body) {
    const std::string signature = signer().sign(timestamp, any_body);
    RC_ASSERT(check(signature, timestamp, any_body) == Verdict::VALID);
    std::string changed = any_body + "]";
    const std::string second = signer().sign(timestamp, changed);
    changed[*rc::gen::inRange<std::size_t>(0, changed.size())] ^= static_cast<char>(1 << *rc::gen::inRange(0, 8));
    RC_ASSERT(check(second, timestamp, changed) == Verdict::MISMATCH);
  }));
}

TEST_CASE("sendgrid signature: the time is signed, right before the body") {
  const std::string signature = signer().sign(timestamp, body);
  CHECK(check(signature, "1700000001", body) == Verdict::MISMATCH);
  CHECK(check(signer().sign("170000000", "0" + body), timestamp, body) == Verdict::VALID);
}

TEST_CASE("sendgrid signature: the tolerance is the caller's, both ways") {
  const Keys keys{key_of(signer())};
  const std::string signature = signer().sign(timestamp, body);
  CHECK(verify_sendgrid(signature, timestamp, body, keys, now + tolerance, tolerance) == Verdict::VALID);
  CHECK(verify_sendgrid(signature, timestamp, body, keys, now + tolerance + seconds{1}, tolerance) == Verdict::TOO_OLD);
  CHECK(verify_sendgrid(signature, timestamp, body, keys, now - tolerance, tolerance) == Verdict::VALID);
  CHECK(verify_sendgrid(signature, timestamp, body, keys, now - tolerance - seconds{1}, tolerance) == Verdict::TOO_NEW);
  const std::string forged = SendGridSigner::generate().sign(timestamp, body);
  CHECK(verify_sendgrid(forged, timestamp, body, keys, now + std::chrono::hours{9}, tolerance) == Verdict::MISMATCH);
}

TEST_CASE("sendgrid signature: each changed byte of the signature is noticed") {
  bool ok = false;
  const std::string der = from_base64(signer().sign(timestamp, body), ok);
  REQUIRE(ok);
  for (std::size_t i = 0; i < der.size(); ++i) {
    std::string changed = der;
    changed[i] ^= 1;
    CHECK(check(base64(changed), timestamp, body) == Verdict::MISMATCH);
  }
  CHECK(check(base64(der + "x"), timestamp, body) == Verdict::MISMATCH);
  CHECK(check(base64(der.substr(1)), timestamp, body) == Verdict::MISMATCH);
}

TEST_CASE("sendgrid signature: while a key is replaced, both are known") {
  const SendGridSigner other = SendGridSigner::generate();
  const Keys both{key_of(other), key_of(signer())};
  CHECK(verify_sendgrid(signer().sign(timestamp, body), timestamp, body, both, now, tolerance) == Verdict::VALID);
  CHECK(verify_sendgrid(other.sign(timestamp, body), timestamp, body, both, now, tolerance) == Verdict::VALID);
  CHECK(check(other.sign(timestamp, body), timestamp, body) == Verdict::MISMATCH);
}

TEST_CASE("sendgrid signature: missing and malformed headers") {
  const std::string signature = signer().sign(timestamp, body);
  CHECK(check("", timestamp, body) == Verdict::MISSING);
  CHECK(check(signature, "", body) == Verdict::MISSING);
  CHECK(check("*" + signature, timestamp, body) == Verdict::MALFORMED);
  CHECK(check(std::string(sendgrid_signature_chars_max + 4, 'A'), timestamp, body) == Verdict::MALFORMED);
  CHECK(check(std::string(sendgrid_signature_chars_max, 'A'), timestamp, body) == Verdict::MISMATCH);
  CHECK(check(signature, "yesterday", body) == Verdict::MALFORMED);
  CHECK(check(signature, " 1700000000", body) == Verdict::MALFORMED);
  CHECK(verify_sendgrid(signature, timestamp, body, Keys{}, now, tolerance) == Verdict::NOT_CONFIGURED);
}

TEST_CASE("sendgrid signature: a key is base64 of a public key on P-256, nothing else") {
  // A key on secp256k1: as long, another curve.
  const std::string other_curve =
      "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEiE5og4q1w6d+0347XRhymOz6DbDnQE7pXC2dkB/2+Msm4+jE"
      "co5GeUEkgT1+yi1iSuZRPKqm0T/WVjMqZDctFA==";
  const std::string good = signer().public_key();
  bool ok = false;
  const std::string der = from_base64(good, ok);
  REQUIRE(ok);
  REQUIRE(SendGridKey::from_base64(good));
  for (const std::string& text :
       {std::string(), std::string("key"), good.substr(4), base64(der + "x"), base64(der.substr(0, der.size() - 1)),
        other_curve, std::string(sendgrid_key_chars_max + 4, 'A'), "-----BEGIN PUBLIC KEY-----\n" + good}) {
    CAPTURE(text);
    const auto key = SendGridKey::from_base64(text);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == "INVALID_KEY");
  }
}

TEST_CASE("sendgrid signature: a signer is made from a private key on P-256 only") {
  const SelfMadeChain rsa = make_chain({.valid_from = now, .valid_until = now + std::chrono::hours{1}});
  CHECK(SendGridSigner::from_pem(rsa.leaf_key).error().code == "INVALID_KEY");
  CHECK(SendGridSigner::from_pem("").error().code == "INVALID_KEY");
  CHECK(SendGridSigner::from_pem(rsa.leaf).error().code == "INVALID_KEY");
}

}  // namespace
}  // namespace carillon::security::webhooks
