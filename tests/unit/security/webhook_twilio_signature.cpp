#include "security/webhooks/twilio_signature.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "security/digest.hpp"

namespace carillon::security::webhooks {
namespace {

using Tokens = std::vector<std::string>;
using Form = std::vector<FormField>;

// The example of twilio.com/docs/usage/security, "Validating requests".
const Tokens token{"12345"};
const std::string url = "https://mycompany.com/myapp.php?foo=1&bar=2";
const Form form{{"CallSid", "CA1234567890ABCDE"},
                {"Caller", "+14158675309"},
                {"Digits", "1234"},
                {"From", "+14158675309"},
                {"To", "+18005551212"}};
const std::string signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

Verdict check_form(const std::string& header, const std::string& at, const Form& fields, const Tokens& tokens = token) {
  return verify_twilio(header, {.url = at, .form = fields, .body = "not looked at"}, tokens);
}

TEST_CASE("twilio signature: the example of the documentation") {
  CHECK(sign_twilio(url, form, token[0]) == signature);
  CHECK(check_form(signature, url, form) == Verdict::VALID);
}

TEST_CASE("twilio signature: the order of the fields does not matter, their names and values do") {
  CHECK(check_form(signature, url, Form(form.rbegin(), form.rend())) == Verdict::VALID);
  for (std::size_t i = 0; i < form.size(); ++i) {
    Form fewer = form, renamed = form, other = form;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    renamed[i].first += "x";
    other[i].second[0] ^= 1;
    CHECK(check_form(signature, url, fewer) == Verdict::MISMATCH);
    CHECK(check_form(signature, url, renamed) == Verdict::MISMATCH);
    CHECK(check_form(signature, url, other) == Verdict::MISMATCH);
  }
}

TEST_CASE("twilio signature: what was signed verifies, and not at another URL") {
  CHECK(
      rc::check([](const std::map<std::string, std::string>& fields, const std::string& key, const std::string& tail) {
        RC_PRE(!key.empty());
        const Form any(fields.begin(), fields.end());
        const std::string at = "https://example.com/hook/" + hex(tail);
        const std::string header = sign_twilio(at, any, key);
        RC_ASSERT(check_form(header, at, any, Tokens{key}) == Verdict::VALID);
        RC_ASSERT(check_form(header, at, any, Tokens{key + "x"}) == Verdict::MISMATCH);
        std::string elsewhere = at;
        elsewhere[*rc::gen::inRange<std::size_t>(8, at.size())] ^= 1;
        RC_ASSERT(check_form(header, elsewhere, any, Tokens{key}) == Verdict::MISMATCH);
        Form more = any;
        more.emplace_back("Injected", "1");
        RC_ASSERT(check_form(header, at, more, Tokens{key}) == Verdict::MISMATCH);
      }));
}

TEST_CASE("twilio signature: the port may be left out or added by Twilio") {
  const std::vector<std::pair<std::string, std::string>> same{
      {"https://example.com/a?b=c", "https://example.com:443/a?b=c"},
      {"http://example.com/a", "http://example.com:80/a"},
      {"https://example.com:8443/a", "https://example.com/a"},
      {"https://user:pass@example.com/a", "https://user:pass@example.com:443/a"},
      {"https://[2001:db8::1]/a", "https://[2001:db8::1]:443/a"},
      {"https://example.com?x=a:1", "https://example.com:443?x=a:1"},
      {"HTTPS://example.com/a", "HTTPS://example.com:443/a"}};
  for (const auto& [ours, theirs] : same) {
    CAPTURE(ours, theirs);
    CHECK(check_form(sign_twilio(theirs, form, token[0]), ours, form) == Verdict::VALID);
    CHECK(check_form(sign_twilio(ours, form, token[0]), ours, form) == Verdict::VALID);
  }
}

TEST_CASE("twilio signature: another port, host, scheme, path or query is another URL") {
  const std::string ours = "https://example.com/a?b=c";
  for (const std::string theirs :
       {"https://example.com:80/a?b=c", "https://example.com:8443/a?b=c", "http://example.com/a?b=c",
        "https://example.org/a?b=c", "https://example.com/A?b=c", "https://example.com/a?b=d", "https://example.com/a",
        "https://example.com/a?b=c#d", "https://user@example.com/a?b=c", "https://example.com/a%3Fb=c"}) {
    CAPTURE(theirs);
    CHECK(check_form(sign_twilio(theirs, form, token[0]), ours, form) == Verdict::MISMATCH);
  }
}

TEST_CASE("twilio signature: a repeated name gives its distinct values, sorted") {
  const Form repeated{{"Media", "b"}, {"Media", "a"}, {"Media", "b"}, {"Body", "x"}};
  CHECK(sign_twilio(url, repeated, "12345") == base64(hmac_sha1("12345", url + "BodyxMediaaMediab")));
  CHECK(check_form(sign_twilio(url, repeated, "12345"), url, repeated) == Verdict::VALID);
}

TEST_CASE("twilio signature: a JSON body is bound by bodySHA256") {
  const std::string body = R"({"status":"delivered"})";
  const std::string at = twilio_body_url("https://example.com/hook?a=1", body);
  CHECK(at == "https://example.com/hook?a=1&bodySHA256=" + hex(sha256(body)));
  CHECK(twilio_body_url("https://example.com/hook#f", "") ==
        "https://example.com/hook?bodySHA256=" + hex(sha256("")) + "#f");
  const std::string header = sign_twilio(at, {}, token[0]);
  const Form ignored{{"Status", "delivered"}};
  CHECK(verify_twilio(header, {.url = at, .form = {}, .body = body}, token) == Verdict::VALID);
  CHECK(verify_twilio(header, {.url = at, .form = ignored, .body = body}, token) == Verdict::VALID);
  for (std::size_t i = 0; i < body.size(); ++i) {
    std::string changed = body;
    changed[i] ^= 1;
    CHECK(verify_twilio(header, {.url = at, .form = {}, .body = changed}, token) == Verdict::MISMATCH);
  }
  CHECK(verify_twilio(header, {.url = at, .form = {}, .body = ""}, token) == Verdict::MISMATCH);
}

TEST_CASE("twilio signature: the first bodySHA256 of the query counts, and only one in the query") {
  const std::string body = "{}", hash = hex(sha256(body)), start = "https://example.com/hook?";
  const auto verdict = [&](const std::string& at) {
    return verify_twilio(sign_twilio(at, {}, token[0]), {.url = at, .form = {}, .body = body}, token);
  };
  CHECK(verdict(start + "bodySHA256=" + hash + "&bodySHA256=0") == Verdict::VALID);
  CHECK(verdict(start + "bodySHA256=0&bodySHA256=" + hash) == Verdict::MISMATCH);
  CHECK(verdict(start + "bodySHA256") == Verdict::MISMATCH);
  CHECK(verdict(start + "bodySHA256=") == Verdict::MISMATCH);
  CHECK(verdict(start + "xbodySHA256=0") == Verdict::VALID);
  CHECK(verdict("https://example.com/bodySHA256=0") == Verdict::VALID);
  CHECK(verdict(start + "a=1#?bodySHA256=0") == Verdict::VALID);
}

TEST_CASE("twilio signature: while a token is replaced, both are known") {
  CHECK(check_form(signature, url, form, Tokens{"new", "12345"}) == Verdict::VALID);
  CHECK(check_form(signature, url, form, Tokens{"new", "other"}) == Verdict::MISMATCH);
}

TEST_CASE("twilio signature: no header is missing, one of another length malformed") {
  CHECK(check_form("", url, form) == Verdict::MISSING);
  CHECK(check_form("x", url, form) == Verdict::MALFORMED);
  CHECK(check_form(signature + "=", url, form) == Verdict::MALFORMED);
  CHECK(check_form(std::string(100'000, 'a'), url, form) == Verdict::MALFORMED);
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(check_form(changed, url, form) == Verdict::MISMATCH);
  }
}

TEST_CASE("twilio signature: an empty token is no token") {
  const std::string forged = sign_twilio(url, form, "");
  CHECK(check_form(forged, url, form, Tokens{}) == Verdict::NOT_CONFIGURED);
  CHECK(check_form(forged, url, form, Tokens{""}) == Verdict::NOT_CONFIGURED);
  CHECK(check_form(forged, url, form, Tokens{"", "12345"}) == Verdict::MISMATCH);
}

TEST_CASE("twilio signature: a URL without scheme is taken as it is") {
  for (const std::string at : {"", "example.com/a", "/a?u=https://example.com:443/"}) {
    CHECK(check_form(sign_twilio(at, form, token[0]), at, form) == Verdict::VALID);
  }
}

}  // namespace
}  // namespace carillon::security::webhooks
