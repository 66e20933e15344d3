#include "security/webhooks/sns_signature.hpp"

#include <openssl/err.h>

#include <catch2/catch.hpp>
#include <string>

#include "security/digest.hpp"
#include "security/webhooks/self_made_chain.hpp"

namespace carillon::security::webhooks {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const UtcTime now = *from_rfc3339("2026-03-06T20:00:00Z");
const std::string topic = "arn:aws:sns:eu-west-1:123456789012:ses-events";
const std::string at_intermediate = "http://crt.r2m01.amazontrust.com/r2m01.cer";
const SnsPolicy policy{.topic_arns = {"arn:aws:sns:eu-west-1:123456789012:other", topic}};

ChainWish wish() {
  return {.valid_from = now - hours{240}, .valid_until = now + hours{240}, .issuer_url = at_intermediate};
}

const SelfMadeChain& chain() {
  static const SelfMadeChain made = make_chain(wish());
  return made;
}

TrustStore trusting(const SelfMadeChain& made) {
  return TrustStore::from_pem(made.root).value();
}

SigningCertificate whole(const SelfMadeChain& made) {
  return SigningCertificate::from_pem(made.leaf + made.intermediate).value();
}

SnsMessage message(const std::string& type = "Notification", const std::string& version = "2") {
  SnsMessage made{.type = type,
                  .message_id = "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
                  .topic_arn = topic,
                  .message = "{\"notificationType\":\"Bounce\"}",
                  .timestamp = to_rfc3339(now),
                  .signature_version = version,
                  .signing_cert_url = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"};
  if (type == "Notification") return made;
  made.token = "2336412f37";
  made.subscribe_url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription";
  return made;
}

SnsMessage signed_message(SnsMessage made = message()) {
  return SnsSigner::from_pem(chain().leaf_key).value().sign(std::move(made));
}

Verdict check(const SnsMessage& made, UtcTime at = now) {
  return verify_sns(made, whole(chain()), policy, trusting(chain()), at);
}

Verdict check_chain(const SelfMadeChain& made, const SnsEndpoint& endpoint = {"eu-west-1", "amazonaws.com"}) {
  return whole(made).check(endpoint, trusting(made), now);
}

TEST_CASE("sns signature: every type and version that was signed verifies") {
  for (const std::string type : {"Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"}) {
    for (const std::string version : {"1", "2"}) {
      CAPTURE(type, version);
      CHECK(check(signed_message(message(type, version))) == Verdict::VALID);
    }
  }
  SnsMessage with_subject = message();
  with_subject.subject = "Amazon SES Email Event Notification";
  CHECK(check(signed_message(with_subject)) == Verdict::VALID);
}

TEST_CASE("sns signature: each signed field is bound") {
  const auto changed = [](const std::string& type, auto change) {
    SnsMessage made = signed_message(message(type));
    change(made);
    return check(made);
  };
  CHECK(changed("Notification", [](SnsMessage& m) { m.message += " "; }) == Verdict::MISMATCH);
  CHECK(changed("Notification", [](SnsMessage& m) { m.message_id += "0"; }) == Verdict::MISMATCH);
  CHECK(changed("Notification", [](SnsMessage& m) { m.subject = "added"; }) == Verdict::MISMATCH);
  CHECK(changed("Notification", [](SnsMessage& m) { m.timestamp = to_rfc3339(now + seconds{1}); }) ==
        Verdict::MISMATCH);
  CHECK(changed("Notification", [](SnsMessage& m) { m.topic_arn = policy.topic_arns[0]; }) == Verdict::MISMATCH);
  CHECK(changed("Notification", [](SnsMessage& m) { m.signature_version = "1"; }) == Verdict::MISMATCH);
  CHECK(changed("Notification", [](SnsMessage& m) { m.signature = base64(std::string(256, 'x')); }) ==
        Verdict::MISMATCH);
  CHECK(changed("Notification", [](SnsMessage& m) { m.signature = ""; }) == Verdict::MISMATCH);
  CHECK(changed("SubscriptionConfirmation", [](SnsMessage& m) { m.token += "0"; }) == Verdict::MISMATCH);
  CHECK(changed("SubscriptionConfirmation", [](SnsMessage& m) { m.subscribe_url += "0"; }) == Verdict::MISMATCH);
  CHECK(changed("SubscriptionConfirmation", [](SnsMessage& m) { m.type = "UnsubscribeConfirmation"; }) ==
        Verdict::MISMATCH);
}

TEST_CASE("sns signature: no flipped byte of the signature passes") {
  const SnsMessage made = signed_message();
  bool ok = false;
  const std::string signature = from_base64(made.signature, ok);
  REQUIRE(ok);
  const SigningCertificate certificate = whole(chain());
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] ^= 1;
    CHECK(certificate.verify("2", sns_signed_text(made), changed) == Verdict::MISMATCH);
  }
  CHECK(certificate.verify("2", sns_signed_text(made), signature) == Verdict::VALID);
  CHECK(certificate.verify("3", sns_signed_text(made), signature) == Verdict::MALFORMED);
}

TEST_CASE("sns screening: strangers are refused before anything is fetched for them") {
  const auto screened = [](auto change, UtcTime at = now) {
    SnsMessage made = signed_message();
    change(made);
    const Verdict verdict = screen_sns(made, policy, at);
    CHECK(check(made, at) == verdict);
    return verdict;
  };
  CHECK(screened([](SnsMessage& m) { m.topic_arn += "x"; }) == Verdict::WRONG_TOPIC);
  CHECK(screened([](SnsMessage& m) { m.signing_cert_url = "https://evil.example/a.pem"; }) ==
        Verdict::BAD_CERTIFICATE_URL);
  CHECK(screened([](SnsMessage& m) { m.signing_cert_url = "https://sns.eu-west-2.amazonaws.com/a.pem"; }) ==
        Verdict::BAD_CERTIFICATE_URL);  // of a region that is not the topic's
  CHECK(screened([](SnsMessage& m) { m.signature_version = "3"; }) == Verdict::MALFORMED);
  CHECK(screened([](SnsMessage& m) { m.signature = "*"; }) == Verdict::MALFORMED);
  CHECK(screened([](SnsMessage& m) { m.timestamp = "yesterday"; }) == Verdict::MALFORMED);
  CHECK(screened([](SnsMessage&) {}) == Verdict::VALID);
  CHECK(screened([](SnsMessage&) {}, now + sns_age_max) == Verdict::VALID);
  CHECK(screened([](SnsMessage&) {}, now + sns_age_max + seconds{1}) == Verdict::TOO_OLD);
  CHECK(screened([](SnsMessage&) {}, now - sns_ahead_max) == Verdict::VALID);
  CHECK(screened([](SnsMessage&) {}, now - sns_ahead_max - seconds{1}) == Verdict::TOO_NEW);
  CHECK(screen_sns(signed_message(), {}, now) == Verdict::NOT_CONFIGURED);
  CHECK(screen_sns(signed_message(), {.topic_arns = {topic}, .age_max = hours{2}}, now + hours{2}) == Verdict::VALID);
}

TEST_CASE("sns certificate: the leaf alone lacks its issuer, which it names and which can be added") {
  const auto leaf = SigningCertificate::from_pem(chain().leaf).value();
  const SnsMessage made = signed_message();
  CHECK(verify_sns(made, leaf, policy, trusting(chain()), now) == Verdict::MISSING_ISSUER);
  REQUIRE(leaf.issuer_url() == at_intermediate);
  const auto completed = leaf.with_issuer(chain().intermediate);
  REQUIRE(completed);
  CHECK(completed->issuer_url().empty());
  CHECK(verify_sns(made, *completed, policy, trusting(chain()), now) == Verdict::VALID);
  CHECK(verify_sns(made, leaf, policy, trusting(chain()), now) == Verdict::MISSING_ISSUER);
}

TEST_CASE("sns certificate: an issuer comes as DER too, as it is served") {
  const std::string& pem = chain().intermediate;
  std::string text;
  const auto begin = pem.find('\n') + 1;
  for (const char c : pem.substr(begin, pem.find("-----END") - begin)) {
    if (c != '\n') text += c;
  }
  bool ok = false;
  const std::string der = from_base64(text, ok);
  REQUIRE(ok);
  const auto leaf = SigningCertificate::from_pem(chain().leaf).value();
  CHECK(leaf.with_issuer(der).value().check({"eu-west-1", "amazonaws.com"}, trusting(chain()), now) == Verdict::VALID);
  for (const std::string& bad : {std::string(), std::string("x"), der + "x", der.substr(1), pem + pem}) {
    CHECK(leaf.with_issuer(bad).error().code == "BAD_CERTIFICATE");
  }
}

TEST_CASE("sns certificate: a chain to another root is not trusted") {
  const SelfMadeChain other = make_chain(wish());
  const SnsEndpoint endpoint{"eu-west-1", "amazonaws.com"};
  CHECK(whole(other).check(endpoint, trusting(chain()), now) == Verdict::MISSING_ISSUER);
  const auto with_root = whole(other).with_issuer(other.root).value();
  CHECK(with_root.check(endpoint, trusting(chain()), now) == Verdict::UNTRUSTED_CERTIFICATE);
  CHECK(with_root.check(endpoint, TrustStore::system().value(), now) == Verdict::UNTRUSTED_CERTIFICATE);
  CHECK(with_root.check(endpoint, trusting(other), now) == Verdict::VALID);
}

TEST_CASE("sns certificate: an intermediate of another chain does not stand in") {
  const SelfMadeChain other = make_chain(wish());
  const auto mixed = SigningCertificate::from_pem(chain().leaf + other.intermediate).value();
  CHECK(mixed.check({"eu-west-1", "amazonaws.com"}, trusting(other), now) == Verdict::MISSING_ISSUER);
}

TEST_CASE("sns certificate: it must be valid now") {
  const SnsEndpoint endpoint{"eu-west-1", "amazonaws.com"};
  const auto at = [&](UtcTime time) { return whole(chain()).check(endpoint, trusting(chain()), time); };
  CHECK(at(now - hours{240}) == Verdict::VALID);
  CHECK(at(now - hours{240} - seconds{1}) == Verdict::EXPIRED_CERTIFICATE);
  CHECK(at(now + hours{240} - seconds{1}) == Verdict::VALID);
  CHECK(at(now + hours{240} + seconds{1}) == Verdict::EXPIRED_CERTIFICATE);
}

TEST_CASE("sns certificate: it is issued to SNS of the region that the URL names") {
  const auto named = [](const std::string& name, const SnsEndpoint& endpoint) {
    ChainWish other = wish();
    other.dns_name = name;
    return check_chain(make_chain(other), endpoint);
  };
  const SnsEndpoint ireland{"eu-west-1", "amazonaws.com"}, milan{"eu-south-1", "amazonaws.com"};
  const SnsEndpoint beijing{"cn-north-1", "amazonaws.com.cn"}, gov{"us-gov-east-1", "amazonaws.com"};
  CHECK(named("sns.eu-west-1.amazonaws.com", ireland) == Verdict::VALID);
  CHECK(named("sns-signing.eu-south-1.amazonaws.com", milan) == Verdict::VALID);
  CHECK(named("sns-signing.eu-south-1.amazonaws.com", ireland) == Verdict::WRONG_CERTIFICATE_NAME);
  CHECK(named("sns-cn-north-1.amazonaws.com.cn", beijing) == Verdict::VALID);
  CHECK(named("sns.amazonaws.com", beijing) == Verdict::WRONG_CERTIFICATE_NAME);
  CHECK(named("sns-us-gov-west-1.amazonaws.com", gov) == Verdict::VALID);
  CHECK(named("sns-us-gov-west-1.amazonaws.com", ireland) == Verdict::WRONG_CERTIFICATE_NAME);
  CHECK(named("evil.example", ireland) == Verdict::WRONG_CERTIFICATE_NAME);
  CHECK(named("*.amazonaws.com", ireland) == Verdict::WRONG_CERTIFICATE_NAME);
}

TEST_CASE("sns certificate: short keys and other purposes are not trusted") {
  ChainWish short_key = wish(), for_mail = wish();
  short_key.leaf_key_bits = 1024;
  for_mail.for_tls_servers = false;
  CHECK(check_chain(make_chain(short_key)) == Verdict::UNTRUSTED_CERTIFICATE);
  CHECK(check_chain(make_chain(for_mail)) == Verdict::UNTRUSTED_CERTIFICATE);
}

TEST_CASE("sns certificate: what is none, too long or without RSA key is refused") {
  std::string broken = chain().leaf;
  broken[broken.size() / 2] = '*';
  std::string many;
  for (std::size_t i = 0; i <= chain_certificates_max; ++i) many += chain().leaf;
  for (const std::string& text :
       {std::string(), std::string("certificate"), broken, chain().leaf + broken, many, chain().leaf_key,
        chain().intermediate, chain().leaf + std::string(certificates_bytes_max, '\n')}) {
    CHECK(SigningCertificate::from_pem(text).error().code == "BAD_CERTIFICATE");
  }
  CHECK(TrustStore::from_pem("").error().code == "BAD_CERTIFICATE");
}

TEST_CASE("sns certificate: what is encrypted is refused, nobody is asked for its password") {
  const std::string lock = "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n";
  const auto encrypted = [&](std::string pem) { return pem.replace(pem.find('\n'), 1, lock); };
  CHECK(SigningCertificate::from_pem(encrypted(chain().leaf)).error().code == "BAD_CERTIFICATE");
  CHECK(SnsSigner::from_pem(encrypted(chain().leaf_key)).error().code == "INVALID_KEY");
}

TEST_CASE("sns certificate: a chain does not grow without end") {
  auto certificate = SigningCertificate::from_pem(chain().leaf).value();
  for (std::size_t i = 1; i < chain_certificates_max; ++i) {
    certificate = certificate.with_issuer(chain().intermediate).value();
  }
  CHECK(certificate.with_issuer(chain().intermediate).error().code == "BAD_CERTIFICATE");
}

TEST_CASE("sns certificate: only Amazon's places are named as those of issuers") {
  for (const std::string url :
       {"https://crt.r2m01.amazontrust.com/r2m01.cer", "http://evil.example/r2m01.cer",
        "http://crt.r2m01.amazontrust.com.evil.example/a.cer", "http://crt.a@amazontrust.com/a.cer",
        "http://crt.r2m01.amazontrust.com:81/a.cer", "http://crt..amazontrust.com/a.cer",
        "http://crt.r2m01.amazontrust.com/", "http://crt.r2m01.amazontrust.com/a?b", "http://crt.r2m01/a.cer"}) {
    ChainWish other = wish();
    other.issuer_url = url;
    other.leaf_key_bits = 1024;
    CAPTURE(url);
    CHECK(SigningCertificate::from_pem(make_chain(other).leaf).value().issuer_url().empty());
  }
  ChainWish nowhere = wish();
  nowhere.issuer_url = "";
  CHECK(SigningCertificate::from_pem(make_chain(nowhere).leaf).value().issuer_url().empty());
}

TEST_CASE("sns signature: failures leave nothing in OpenSSL's queue of errors") {
  ERR_clear_error();
  CHECK(SigningCertificate::from_pem("x").error().code == "BAD_CERTIFICATE");
  CHECK(SnsSigner::from_pem("x").error().code == "INVALID_KEY");
  SnsMessage changed = signed_message();
  changed.message += "x";
  CHECK(check(changed) == Verdict::MISMATCH);
  CHECK(check(changed, now + hours{300}) == Verdict::TOO_OLD);
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("sns signature: a signer needs an RSA key and a known version") {
  CHECK(SnsSigner::from_pem(chain().leaf).error().code == "INVALID_KEY");
  CHECK_THROWS_AS(signed_message(message("Notification", "3")), std::invalid_argument);
}

}  // namespace
}  // namespace carillon::security::webhooks
