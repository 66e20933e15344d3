#include "orchestrator/core/suppression_filter.hpp"

#include <catch2/catch.hpp>

#include "security/digest.hpp"

using namespace carillon;
using namespace carillon::orchestrator;

namespace {

const std::string key_a(64, 'a'), key_b(64, 'b');
const std::string hash(64, '7');

security::Sealer sealer(const std::string& keys = key_a) {
  return *security::Sealer::from_text(keys);
}

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? "" : result.error().code + " " + result.error().detail.substr(0, result.error().detail.find(':'));
}

std::string filter_error(const std::map<std::string, std::string>& query) {
  return error_of(read_suppression_filter(query, sealer()));
}

std::string order_error(const std::string& json) {
  return error_of(read_suppression_order(json));
}

}  // namespace

TEST_CASE("suppression filter: an address is searched by its hashes, in normal form, under every key") {
  const auto filter = read_suppression_filter({{"recipient", "Ann@EXAMPLE.com"}}, sealer(key_b + "," + key_a));
  REQUIRE(filter);
  REQUIRE(filter->hashes);
  CHECK(*filter->hashes ==
        std::vector{sealer(key_b).reference("Ann@example.com"), sealer(key_a).reference("Ann@example.com")});
  CHECK(*read_suppression_filter({{"recipient", "+447700900123"}}, sealer())->hashes ==
        std::vector{sealer().reference("+447700900123")});
  CHECK(*read_suppression_filter({{"recipient", hash}}, sealer())->hashes == std::vector{hash});
}

TEST_CASE("suppression filter: each bad parameter is named and no value repeated") {
  CHECK(filter_error({}) == "");
  CHECK(filter_error({{"channel", "EMAIL"}, {"reason", "HARD_BOUNCE"}, {"limit", "200"}}) == "");
  CHECK(filter_error({{"channel", "FAX"}}) == "INVALID_FIELD channel");
  CHECK(filter_error({{"channel", ""}}) == "INVALID_FIELD channel");
  CHECK(filter_error({{"recipient", "nobody"}}) == "INVALID_FIELD recipient");
  CHECK(filter_error({{"recipient", std::string(64, 'F')}}) == "INVALID_FIELD recipient");
  CHECK(filter_error({{"reason", "hard bounce"}}) == "INVALID_FIELD reason");
  CHECK(filter_error({{"limit", "0"}}) == "INVALID_FIELD limit");
  CHECK(filter_error({{"limit", "201"}}) == "INVALID_FIELD limit");
  CHECK(filter_error({{"limit", "1x"}}) == "INVALID_FIELD limit");
  CHECK(filter_error({{"colour", "red"}}) == "INVALID_FIELD query");
  const auto refused = read_suppression_filter({{"recipient", "secret person"}}, sealer());
  CHECK(refused.error().detail.find("secret person") == std::string::npos);
}

TEST_CASE("suppression filter: a cursor leads back to its place, a foreign one is refused") {
  const SuppressionPlace place{from_unix_micros(1'790'000'000'000'001), "EMAIL", hash, "digests"};
  const auto filter = read_suppression_filter({{"cursor", suppression_cursor(place)}}, sealer());
  REQUIRE(filter);
  CHECK(filter->after == place);
  const SuppressionPlace whole{from_unix_micros(0), "SMS", hash, ""};
  CHECK(read_suppression_filter({{"cursor", suppression_cursor(whole)}}, sealer())->after == whole);
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("s1\n1\nEMAIL\nhash"), std::string("s1\n1\nEMAIL\nhash\na\nb"),
        std::string("s2\n1\nEMAIL\nhash\n"), std::string("s1\nx\nEMAIL\nhash\n"),
        std::string("s1\n1\nE\0L\nhash\n", 14), std::string(10'000, 's')})
    CHECK(filter_error({{"cursor", security::base64_url(text)}}) == "INVALID_FIELD cursor");
  CHECK(filter_error({{"cursor", "not base64!"}}) == "INVALID_FIELD cursor");
}

TEST_CASE("suppression order: the recipient has to fit the channel, the reason is a word") {
  const auto order = read_suppression_order(R"({"channel":"EMAIL","recipient":"ann@Example.COM"})");
  REQUIRE(order);
  CHECK(order->channel == events::Channel::EMAIL);
  CHECK(order->recipient == "ann@example.com");
  CHECK(order->reason == "MANUAL");
  CHECK(read_suppression_order(R"({"channel":"SMS","recipient":"+447700900123","reason":"ASKED_BY_PHONE"})")->reason ==
        "ASKED_BY_PHONE");
  CHECK(order_error("{") == "MALFORMED_JSON body");
  CHECK(order_error("[]") == "MALFORMED_JSON body");
  CHECK(order_error("{}") == "INVALID_FIELD channel");
  CHECK(order_error(R"({"channel":"SLACK","recipient":"ann@example.com"})") == "INVALID_FIELD recipient");
  CHECK(order_error(R"({"channel":"EMAIL"})") == "INVALID_FIELD recipient");
  CHECK(order_error(R"({"channel":"EMAIL","recipient":"+447700900123"})") == "INVALID_FIELD recipient");
  CHECK(order_error(R"({"channel":"SMS","recipient":"ann@example.com"})") == "INVALID_FIELD recipient");
  CHECK(order_error(R"({"channel":"EMAIL","recipient":["a@example.com"]})") == "INVALID_FIELD recipient");
  CHECK(order_error(R"({"channel":"EMAIL","recipient":"a@example.com","reason":"because"})") == "INVALID_FIELD reason");
  CHECK(order_error(R"({"channel":"EMAIL","recipient":"a@example.com","reason":""})") == "INVALID_FIELD reason");
  CHECK(order_error(R"({"channel":"EMAIL","recipient":"a@example.com","who":"me"})") == "INVALID_FIELD body");
  CHECK(order_error(R"({"channel":"EMAIL","channel":"SMS","recipient":"+447700900123"})") == "INVALID_FIELD channel");
}

TEST_CASE("suppression lift: a channel and an address or hash, perhaps a category") {
  const auto lift = read_suppression_lift("EMAIL", "ann@example.com", {}, sealer());
  REQUIRE(lift);
  CHECK(lift->hashes == std::vector{sealer().reference("ann@example.com")});
  CHECK(lift->category.empty());
  CHECK(read_suppression_lift("SMS", hash, {{"category", "*"}}, sealer())->category == "*");
  CHECK(error_of(read_suppression_lift("FAX", hash, {}, sealer())) == "INVALID_FIELD channel");
  CHECK(error_of(read_suppression_lift("SMS", "x", {}, sealer())) == "INVALID_FIELD recipient");
  CHECK(error_of(read_suppression_lift("SMS", hash, {{"category", ""}}, sealer())) == "INVALID_FIELD category");
  CHECK(error_of(read_suppression_lift("SMS", hash, {{"categories", "x"}}, sealer())) == "INVALID_FIELD query");
}

TEST_CASE("suppression order: a recipient_hash is taken as it is, on every channel") {
  for (const char* channel : {"EMAIL", "SMS", "SLACK"}) {
    const auto order =
        read_suppression_order(R"({"channel":")" + std::string(channel) + R"(","recipient":")" + hash + "\"}");
    REQUIRE(order);
    CHECK(hash_of(*order, sealer()) == hash);
  }
}

TEST_CASE("suppression order: a webhook URL of Slack is noted by its hash, in normal form") {
  const auto order =
      read_suppression_order(R"({"channel":"SLACK","recipient":"https://HOOKS.slack.com/services/T0/B0/x"})");
  REQUIRE(order);
  CHECK(hash_of(*order, sealer()) == sealer().reference("https://hooks.slack.com/services/T0/B0/x"));
}
