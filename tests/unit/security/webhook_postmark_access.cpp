#include "security/webhooks/postmark_access.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "security/digest.hpp"

namespace carillon::security::webhooks {
namespace {

using Users = std::vector<PostmarkUser>;
using Tokens = std::vector<std::string>;

const Users aladdin{{"Aladdin", "open sesame"}};

TEST_CASE("postmark access: the example of RFC 7617") {
  CHECK(sign_postmark(aladdin[0]) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(verify_postmark_user("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", aladdin) == Verdict::VALID);
  CHECK(verify_postmark_user("basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", aladdin) == Verdict::VALID);
}

TEST_CASE("postmark access: any user and password, and none with a character changed") {
  CHECK(rc::check([](const std::string& password) {
    RC_PRE(!password.empty() && password.size() < 500U);
    const std::string header = sign_postmark({"hook", password});
    RC_ASSERT(verify_postmark_user(header, Users{{"hook", password}}) == Verdict::VALID);
    RC_ASSERT(verify_postmark_user(header, Users{{"Hook", password}}) == Verdict::MISMATCH);
    RC_ASSERT(verify_postmark_user(header, Users{{"hook", password + "x"}}) == Verdict::MISMATCH);
    RC_ASSERT(verify_postmark_token(password, Tokens{password}) == Verdict::VALID);
    std::string other = password;
    other[*rc::gen::inRange<std::size_t>(0, other.size())] ^= 1;
    RC_ASSERT(verify_postmark_user(header, Users{{"hook", other}}) == Verdict::MISMATCH);
    RC_ASSERT(verify_postmark_token(password, Tokens{other}) == Verdict::MISMATCH);
  }));
}

TEST_CASE("postmark access: a password may hold colons, and one of several users is enough") {
  const Users users{{"new", "a:b:c"}, {"old", "secret"}};
  CHECK(verify_postmark_user(sign_postmark({"new", "a:b:c"}), users) == Verdict::VALID);
  CHECK(verify_postmark_user(sign_postmark({"old", "secret"}), users) == Verdict::VALID);
  CHECK(verify_postmark_user(sign_postmark({"old", "a:b:c"}), users) == Verdict::MISMATCH);
}

TEST_CASE("postmark access: missing and malformed headers") {
  CHECK(verify_postmark_user("", aladdin) == Verdict::MISSING);
  for (const std::string& header :
       {std::string("Basic"), std::string("Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), std::string("Basic *"),
        "Basic " + base64("no colon"), "Basic " + base64("a:" + std::string(postmark_credential_bytes_max, 'x'))}) {
    CAPTURE(header);
    CHECK(verify_postmark_user(header, aladdin) == Verdict::MALFORMED);
  }
}

TEST_CASE("postmark access: an empty name, password or token lets nobody in") {
  CHECK(verify_postmark_user(sign_postmark({"", ""}), Users{{"", ""}}) == Verdict::NOT_CONFIGURED);
  CHECK(verify_postmark_user(sign_postmark({"a", ""}), Users{{"a", ""}}) == Verdict::NOT_CONFIGURED);
  CHECK(verify_postmark_user(sign_postmark({"a", ""}), Users{}) == Verdict::NOT_CONFIGURED);
  CHECK(verify_postmark_user(sign_postmark({"a", ""}), Users{{"a", ""}, aladdin[0]}) == Verdict::MISMATCH);
  CHECK(verify_postmark_token("t", Tokens{}) == Verdict::NOT_CONFIGURED);
  CHECK(verify_postmark_token("t", Tokens{""}) == Verdict::NOT_CONFIGURED);
  CHECK(verify_postmark_token("", Tokens{"t"}) == Verdict::MISSING);
  CHECK(verify_postmark_token("", Tokens{""}) == Verdict::MISSING);
}

TEST_CASE("postmark access: one of several tokens is enough, and its length is bounded") {
  CHECK(verify_postmark_token("old", Tokens{"new", "old"}) == Verdict::VALID);
  CHECK(verify_postmark_token("ol", Tokens{"new", "old"}) == Verdict::MISMATCH);
  const std::string long_token(postmark_credential_bytes_max, 'x');
  CHECK(verify_postmark_token(long_token, Tokens{long_token}) == Verdict::VALID);
  CHECK(verify_postmark_token(long_token + "x", Tokens{long_token + "x"}) == Verdict::MALFORMED);
}

}  // namespace
}  // namespace carillon::security::webhooks
