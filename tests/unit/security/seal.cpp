#include "security/seal.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "security/digest.hpp"

namespace carillon::security {
namespace {

const std::string key_a = base64(std::string(32, 'a'));
const std::string key_b = hex(std::string(32, 'b'));
const std::string plain = "{\"recipient\":\"+447700900123\",\"variables\":{\"code\":\"123456\"}}";

Sealer sealer(const std::string& keys) {
  return Sealer::from_text(keys).value();
}

TEST_CASE("seal: what is sealed opens with the same context") {
  const Sealer s = sealer(key_a);
  for (const std::string& text :
       {std::string(), std::string("x"), plain, std::string("a\0b", 3), random_bytes(100'000)}) {
    const auto opened = s.open(s.seal(text, "message-1"), "message-1");
    REQUIRE(opened);
    CHECK(*opened == text);
  }
}

TEST_CASE("seal: the same text is sealed differently each time and hides the text") {
  const Sealer s = sealer(key_a);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(s.seal(plain, "m"));
  CHECK(seen.size() == 100);
  bool ok = false;
  CHECK(from_base64(*seen.begin(), ok).find("123456") == std::string::npos);
}

TEST_CASE("seal: each changed byte is noticed") {
  const Sealer s = sealer(key_a);
  bool ok = false;
  const std::string sealed = from_base64(s.seal(plain, "m"), ok);
  REQUIRE(ok);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (const int bit : {1, 128}) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      const auto opened = s.open(base64(changed), "m");
      REQUIRE_FALSE(opened);
      CHECK(opened.error().code == (i >= 1 && i <= 4 ? "SEAL_KEY_UNKNOWN" : "SEAL_BROKEN"));
    }
  }
}

TEST_CASE("seal: cut, lengthened and foreign text is refused") {
  const Sealer s = sealer(key_a);
  bool ok = false;
  const std::string sealed = from_base64(s.seal(plain, "m"), ok);
  for (std::size_t size = 0; size < sealed.size(); ++size) CHECK_FALSE(s.open(base64(sealed.substr(0, size)), "m"));
  CHECK_FALSE(s.open(base64(sealed + "x"), "m"));
  CHECK(s.open("not base64!", "m").error().code == "SEAL_BROKEN");
  CHECK(s.open("", "m").error().code == "SEAL_BROKEN");
}

TEST_CASE("seal: another context does not open it") {
  const Sealer s = sealer(key_a);
  const std::string sealed = s.seal(plain, "message-1");
  CHECK(s.open(sealed, "message-2").error().code == "SEAL_BROKEN");
  CHECK(s.open(sealed, "").error().code == "SEAL_BROKEN");
  CHECK(s.open(s.seal(plain, ""), "").value() == plain);
}

TEST_CASE("seal: after a rotation the new key seals and the old one still opens") {
  const std::string old = sealer(key_a).seal(plain, "m");
  const Sealer rotated = sealer(key_b + " , " + key_a);
  CHECK(rotated.open(old, "m").value() == plain);
  const std::string fresh = rotated.seal(plain, "m");
  CHECK(sealer(key_b).open(fresh, "m").value() == plain);
  CHECK(sealer(key_a).open(fresh, "m").error().code == "SEAL_KEY_UNKNOWN");
}

TEST_CASE("seal: keys are 32 bytes as base64 or hex, nothing else") {
  CHECK(Sealer::from_text(base64_url(random_bytes(32))));
  CHECK(Sealer::from_text(" " + key_a + "\n"));
  CHECK(Sealer::from_text("AB" + std::string(62, '0')));
  for (const std::string& bad :
       {std::string(), std::string(","), key_a + ",", base64(random_bytes(31)), base64(random_bytes(33)),
        base64(random_bytes(48)), std::string(64, 'z'), std::string("secret"), key_a + ";" + key_a}) {
    const auto made = Sealer::from_text(bad);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == "INVALID_KEY");
    CHECK((bad.size() < 5 || made.error().detail.find(bad) == std::string::npos));
  }
}

TEST_CASE("seal: a recipient's reference is stable, keyed, and differs between recipients") {
  const Sealer s = sealer(key_a);
  CHECK(s.reference("+447700900123").size() == 64);
  CHECK(s.reference("+447700900123") == sealer(key_a + "," + key_b).reference("+447700900123"));
  CHECK(s.reference("+447700900123") != s.reference("+447700900124"));
  CHECK(s.reference("+447700900123") != sealer(key_b).reference("+447700900123"));
  CHECK(s.reference("+447700900123") != hex(sha256("+447700900123")));
}

TEST_CASE("seal: an address has one reference in whatever case it is written, a webhook's URL keeps its case") {
  const Sealer s = sealer(key_b + "," + key_a);
  CHECK(s.reference("Ann.B@Example.com") == s.reference("ann.b@example.com"));
  CHECK(s.older_references("ANN.B@example.com") == s.older_references("ann.b@example.com"));
  CHECK(s.reference("https://hooks.slack.com/services/T0/B@/x") !=
        s.reference("https://hooks.slack.com/services/T0/b@/x"));
}

TEST_CASE("seal: after a rotation a recipient's older references are known") {
  CHECK(sealer(key_a).older_references("ann@example.com").empty());
  const auto older = sealer(key_b + "," + key_a).older_references("ann@example.com");
  REQUIRE(older.size() == 1);
  CHECK(older[0] == sealer(key_a).reference("ann@example.com"));
}

TEST_CASE("seal: a signature holds for its bytes and purpose, also after a rotation, and for nothing else") {
  const Sealer s = sealer(key_a);
  const std::string mac = s.sign("unsubscribe", "token");
  CHECK(mac.size() == 32);
  CHECK(s.is_signed("unsubscribe", "token", mac));
  CHECK_FALSE(s.is_signed("unsubscribe", "tokem", mac));
  CHECK_FALSE(s.is_signed("another", "token", mac));
  CHECK_FALSE(s.is_signed("unsubscribe", "token", ""));
  CHECK_FALSE(s.is_signed("unsubscribe", "token", mac.substr(0, 31)));
  CHECK_FALSE(s.is_signed("unsubscribe", "token", hmac_sha256(std::string(32, 'a'), "token")));
  CHECK(sealer(key_b + "," + key_a).is_signed("unsubscribe", "token", mac));
  CHECK_FALSE(sealer(key_b).is_signed("unsubscribe", "token", mac));
  CHECK(sealer(key_b + "," + key_a).sign("unsubscribe", "token") == sealer(key_b).sign("unsubscribe", "token"));
}

// RFC 5869 without salt: extract with 32 zero bytes, expand one block.
TEST_CASE("seal: the reference key is HKDF-SHA-256 of the sealing key") {
  const std::string extracted = hmac_sha256(std::string(32, '\0'), std::string(32, 'a'));
  const std::string derived = hmac_sha256(extracted, std::string("carillon recipient reference v1") + '\x01');
  CHECK(sealer(key_a).reference("ann@example.com") == hex(hmac_sha256(derived, "ann@example.com")));
}

}  // namespace
}  // namespace carillon::security
