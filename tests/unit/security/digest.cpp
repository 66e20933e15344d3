#include "security/digest.hpp"

#include <catch2/catch.hpp>
#include <set>

namespace carillon::security {
namespace {

std::string repeated(char byte, std::size_t count) {
  return std::string(count, byte);
}

std::string unhex(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return bytes;
}

struct HmacCase {
  std::string key, data, mac;
};

// RFC 4231, test cases 1-4, 6 and 7 (5 tests a cut MAC).
const std::vector<HmacCase> rfc_4231{
    {repeated('\x0b', 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {repeated('\xaa', 20), repeated('\xdd', 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {unhex("0102030405060708090a0b0c0d0e0f10111213141516171819"), repeated('\xcd', 50),
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {repeated('\xaa', 131), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {repeated('\xaa', 131),
     "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed "
     "before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

TEST_CASE("digest: SHA-256 of the examples of FIPS 180-2") {
  CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256(repeated('a', 1'000'000))) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("digest: HMAC-SHA-256 of RFC 4231") {
  for (const HmacCase& c : rfc_4231) CHECK(hex(hmac_sha256(c.key, c.data)) == c.mac);
}

TEST_CASE("digest: HMAC-SHA-1 of RFC 2202") {
  CHECK(hex(hmac_sha1(repeated('\x0b', 20), "Hi There")) == "b617318655057264e28bc0b6fb378c8ef146be00");
  CHECK(hex(hmac_sha1("Jefe", "what do ya want for nothing?")) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST_CASE("digest: an empty key and empty data have an HMAC") {
  CHECK(hex(hmac_sha256("", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(hex(hmac_sha256({}, {})) == hex(hmac_sha256("", "")));
}

TEST_CASE("digest: a keyed Hmac gives what hmac_sha256 gives, call after call") {
  for (const HmacCase& c : rfc_4231) {
    Hmac keyed(c.key);
    for (int i = 0; i < 3; ++i) {
      const auto mac = keyed(c.data);
      CHECK(hex({reinterpret_cast<const char*>(mac.data()), mac.size()}) == c.mac);
    }
    const auto other = keyed("other");
    CHECK(std::string(reinterpret_cast<const char*>(other.data()), other.size()) == hmac_sha256(c.key, "other"));
  }
}

TEST_CASE("digest: random bytes have the asked length and don't repeat") {
  CHECK(random_bytes(0).empty());
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random_bytes(16));
  CHECK(seen.size() == 200);
  CHECK(seen.begin()->size() == 16);
}

TEST_CASE("digest: constant-time comparison is equality of bytes") {
  CHECK(equal_constant_time("", ""));
  CHECK(equal_constant_time({}, ""));
  CHECK(equal_constant_time("abc", "abc"));
  CHECK_FALSE(equal_constant_time("abc", "abd"));
  CHECK_FALSE(equal_constant_time("abc", "xbc"));
  CHECK_FALSE(equal_constant_time("abc", "ab"));
  CHECK_FALSE(equal_constant_time("", "a"));
  CHECK(equal_constant_time(std::string_view("a\0b", 3), std::string_view("a\0b", 3)));
  CHECK_FALSE(equal_constant_time(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

TEST_CASE("digest: base64 of RFC 4648 and back") {
  const std::vector<std::pair<std::string, std::string>> cases{{"", ""},
                                                               {"f", "Zg=="},
                                                               {"fo", "Zm8="},
                                                               {"foo", "Zm9v"},
                                                               {"foob", "Zm9vYg=="},
                                                               {"fooba", "Zm9vYmE="},
                                                               {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    bool ok = false;
    CHECK(base64(bytes) == text);
    CHECK(from_base64(text, ok) == bytes);
    CHECK(ok);
    const std::string bare = text.substr(0, text.find('='));
    CHECK(base64_url(bytes) == bare);
    CHECK(from_base64(bare, ok) == bytes);
    CHECK(ok);
  }
}

TEST_CASE("digest: base64 uses its own alphabet and reads both") {
  const std::string bytes = "\xfb\xff\xfe";
  bool ok = false;
  CHECK(base64(bytes) == "+//+");
  CHECK(base64_url(bytes) == "-__-");
  CHECK(from_base64("+//+", ok) == bytes);
  CHECK(ok);
  CHECK(from_base64("-__-", ok) == bytes);
  CHECK(ok);
}

TEST_CASE("digest: what is not base64 is refused") {
  for (const std::string text :
       {"Z", "Zg=", "Zg===", "=", "==", "====", "Zm9v=", "Zm 9v", "Zm9v\n", "Z*==", "Zm9vY", "Zh==", "Zm9=", "Z=g="}) {
    bool ok = true;
    CAPTURE(text);
    CHECK(from_base64(text, ok).empty());
    CHECK_FALSE(ok);
  }
}

TEST_CASE("digest: any bytes survive hex and base64") {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string bytes = random_bytes(size);
    bool ok = false;
    CHECK(from_base64(base64(bytes), ok) == bytes);
    CHECK(ok);
    CHECK(unhex(hex(bytes)) == bytes);
  }
}

}  // namespace
}  // namespace carillon::security
