#include "security/webhooks/stripe_signature.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "security/digest.hpp"

namespace carillon::security::webhooks {
namespace {

using std::chrono::seconds;
using Secrets = std::vector<std::string>;

const UtcTime now = *parse_unix_seconds("1700000000");
const std::string body = R"({"id":"evt_1","type":"invoice.paid","amount":1200})";
const Secrets secret{"whsec_4eC39HqLyjWDarjtT1zdp7dc"};

std::string v1(const std::string& time, const std::string& key) {
  return hex(hmac_sha256(key, time + "." + body));
}

TEST_CASE("stripe signature: the header is time and HMAC of time, a point and the body") {
  CHECK(sign_stripe(body, secret, now) == "t=1700000000,v1=" + v1("1700000000", secret[0]));
  CHECK(verify_stripe(sign_stripe(body, secret, now), body, secret, now) == Verdict::VALID);
}

TEST_CASE("stripe signature: what was signed verifies, and not with a bit changed anywhere") {
  CHECK(rc::check([](const std::string& any_body, const std::string& key) {
    RC_PRE(!key.empty());
    const std::string header = sign_stripe(any_body, Secrets{key}, now);
    RC_ASSERT(verify_stripe(header, any_body, Secrets{key}, now) == Verdict::VALID);
    RC_ASSERT(verify_stripe(header, any_body + "x", Secrets{key}, now) == Verdict::MISMATCH);
    RC_ASSERT(verify_stripe(header, any_body, Secrets{key + "x"}, now) == Verdict::MISMATCH);
    std::string changed = any_body + "}";
    const std::string signed_header = sign_stripe(changed, Secrets{key}, now);
    changed[*rc::gen::inRange<std::size_t>(0, changed.size())] ^= static_cast<char>(1 << *rc::gen::inRange(0, 8));
    RC_ASSERT(verify_stripe(signed_header, changed, Secrets{key}, now) == Verdict::MISMATCH);
  }));
}

TEST_CASE("stripe signature: no changed character of the header passes") {
  const std::string header = sign_stripe(body, secret, now);
  for (std::size_t i = 0; i < header.size(); ++i) {
    for (const char c : {'0', 'A', 'f', ',', '=', ' ', '\0'}) {
      std::string changed = header;
      if (changed[i] == c) continue;
      changed[i] = c;
      CAPTURE(changed);
      CHECK(verify_stripe(changed, body, secret, now) != Verdict::VALID);
    }
  }
}

TEST_CASE("stripe signature: the tolerance is 300 s, both ways") {
  const std::string header = sign_stripe(body, secret, now);
  CHECK(verify_stripe(header, body, secret, now + seconds{300}) == Verdict::VALID);
  CHECK(verify_stripe(header, body, secret, now + seconds{301}) == Verdict::TOO_OLD);
  CHECK(verify_stripe(header, body, secret, now - seconds{300}) == Verdict::VALID);
  CHECK(verify_stripe(header, body, secret, now - seconds{301}) == Verdict::TOO_NEW);
  CHECK(verify_stripe(header, body, secret, now + seconds{301}, seconds{600}) == Verdict::VALID);
}

TEST_CASE("stripe signature: a forged one is a mismatch whatever its time") {
  const std::string header = sign_stripe(body, Secrets{"other"}, now - std::chrono::hours{10});
  CHECK(verify_stripe(header, body, secret, now) == Verdict::MISMATCH);
}

TEST_CASE("stripe signature: while a secret is rolled, either side may have two") {
  const Secrets both{"new", "old"};
  CHECK(verify_stripe(sign_stripe(body, both, now), body, Secrets{"old"}, now) == Verdict::VALID);
  CHECK(verify_stripe(sign_stripe(body, both, now), body, Secrets{"new"}, now) == Verdict::VALID);
  CHECK(verify_stripe(sign_stripe(body, Secrets{"old"}, now), body, both, now) == Verdict::VALID);
  CHECK(verify_stripe(sign_stripe(body, Secrets{"third"}, now), body, both, now) == Verdict::MISMATCH);
}

TEST_CASE("stripe signature: other schemes are ignored, before and behind") {
  const std::string good = v1("1700000000", secret[0]);
  CHECK(verify_stripe(
            "v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39,t=1700000000,v1=" + good + ",v2=x,=",
            body, secret, now) == Verdict::VALID);
  CHECK(verify_stripe("t=1700000000,v0=" + good, body, secret, now) == Verdict::MALFORMED);
  CHECK(verify_stripe("t=1700000000,V1=" + good, body, secret, now) == Verdict::MALFORMED);
}

TEST_CASE("stripe signature: no header is missing, an unreadable one malformed") {
  const std::string good = v1("1700000000", secret[0]);
  CHECK(verify_stripe("", body, secret, now) == Verdict::MISSING);
  for (const std::string& header :
       {std::string("t=1700000000"), "v1=" + good, "t=,v1=" + good, "t=017,v1=" + good, "t=x,v1=" + good,
        "t=1700000000;v1=" + good, "t=1700000000,t=1700000000,v1=" + good, "t=1700000000,v1," + good,
        std::string("nonsense"), "t=-5,v1=" + good, "t=99999999999999,v1=" + good}) {
    CAPTURE(header);
    CHECK(verify_stripe(header, body, secret, now) == Verdict::MALFORMED);
  }
}

TEST_CASE("stripe signature: a header longer than its bound is not read") {
  std::string header = sign_stripe(body, secret, now);
  header += ",v1=" + std::string(stripe_header_bytes_max - header.size() - 4, 'a');
  CHECK(verify_stripe(header, body, secret, now) == Verdict::VALID);
  CHECK(verify_stripe(header + "a", body, secret, now) == Verdict::MALFORMED);
}

TEST_CASE("stripe signature: an empty secret is no secret") {
  const std::string forged = sign_stripe(body, Secrets{""}, now);
  CHECK(verify_stripe(forged, body, Secrets{}, now) == Verdict::NOT_CONFIGURED);
  CHECK(verify_stripe(forged, body, Secrets{""}, now) == Verdict::NOT_CONFIGURED);
  CHECK(verify_stripe(forged, body, Secrets{"", secret[0]}, now) == Verdict::MISMATCH);
}

TEST_CASE("stripe signature: an upper-case or cut signature does not pass") {
  std::string upper = v1("1700000000", secret[0]);
  for (char& c : upper) c = static_cast<char>(c >= 'a' ? c - 32 : c);
  CHECK(verify_stripe("t=1700000000,v1=" + upper, body, secret, now) == Verdict::MISMATCH);
  const std::string cut = v1("1700000000", secret[0]).substr(0, 63);
  CHECK(verify_stripe("t=1700000000,v1=" + cut, body, secret, now) == Verdict::MISMATCH);
  CHECK(verify_stripe("t=1700000000,v1=", body, secret, now) == Verdict::MISMATCH);
}

}  // namespace
}  // namespace carillon::security::webhooks
