#include "orchestrator/core/unsubscribe_token.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "security/digest.hpp"

using namespace carillon;
using namespace carillon::orchestrator;

namespace {

const std::string key_a(64, 'a'), key_b(64, 'b');

security::Sealer sealer(const std::string& keys = key_a) {
  return *security::Sealer::from_text(keys);
}

UnsubscribeTicket ticket() {
  return {events::Channel::EMAIL, sealer().reference("ann@example.com"), "digests",
          "019c1699-7f98-7000-8000-000000000001"};
}

}  // namespace

TEST_CASE("unsubscribe token: what was put in comes out") {
  for (const char* category : {"d", "tenant_alerts", "Ünïcode", "*"}) {
    UnsubscribeTicket given = ticket();
    given.category = category;
    const std::string token = unsubscribe_token(given, sealer());
    CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
    CHECK(token.size() <= unsubscribe_token_chars_max);
    const auto read = read_unsubscribe_token(token, sealer());
    REQUIRE(read);
    CHECK(*read == given);
  }
}

TEST_CASE("unsubscribe token: each changed, missing or added byte is refused") {
  bool ok = false;
  const std::string bytes = security::from_base64(unsubscribe_token(ticket(), sealer()), ok);
  REQUIRE(ok);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(read_unsubscribe_token(security::base64_url(changed), sealer()));
    CHECK_FALSE(read_unsubscribe_token(security::base64_url(bytes.substr(0, i)), sealer()));
  }
  CHECK_FALSE(read_unsubscribe_token(security::base64_url(bytes + "x"), sealer()));
  for (const char* foreign : {"", "AQ", "not base64!", "../../etc/passwd"})
    CHECK_FALSE(read_unsubscribe_token(foreign, sealer()));
  CHECK_FALSE(read_unsubscribe_token(std::string(100'000, 'A'), sealer()));
}

TEST_CASE("unsubscribe token: another platform's key makes none, an earlier key of ours did") {
  const std::string token = unsubscribe_token(ticket(), sealer());
  CHECK_FALSE(read_unsubscribe_token(token, sealer(key_b)));
  CHECK(read_unsubscribe_token(token, sealer(key_b + "," + key_a)) == ticket());
}

TEST_CASE("unsubscribe token: a signature made for something else does not fit") {
  bool ok = false;
  const std::string bytes = security::from_base64(unsubscribe_token(ticket(), sealer()), ok);
  const std::string content = bytes.substr(0, bytes.size() - 32);
  CHECK_FALSE(
      read_unsubscribe_token(security::base64_url(content + sealer().sign("another purpose", content)), sealer()));
}

TEST_CASE("unsubscribe token: a ticket that is not whole makes none") {
  const auto refused = [](auto change) {
    UnsubscribeTicket bad = ticket();
    change(bad);
    CHECK_THROWS_AS(unsubscribe_token(bad, sealer()), std::invalid_argument);
  };
  refused([](UnsubscribeTicket& t) { t.recipient_hash = "abc"; });
  refused([](UnsubscribeTicket& t) { t.recipient_hash = std::string(64, 'x'); });
  refused([](UnsubscribeTicket& t) { t.message_id = "1"; });
  refused([](UnsubscribeTicket& t) { t.category.clear(); });
  refused([](UnsubscribeTicket& t) { t.category = std::string(65, 'c'); });
}

TEST_CASE("unsubscribe links: followed with one click over https, or on this very machine") {
  for (const char* url : {"https://mail.example.com", "http://localhost:8080", "http://127.0.0.1:8080/n",
                          "http://127.1.2.3", "http://[::1]:8080"})
    CHECK(carries_links(url));
  for (const char* url : {"", "http://mail.example.com", "http://127.example.com", "http://localhost.example.com",
                          "http://[::2]", "http://10.0.0.1", "ftp://localhost"})
    CHECK_FALSE(carries_links(url));
}
