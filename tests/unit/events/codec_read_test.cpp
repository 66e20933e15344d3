#include <catch2/catch.hpp>
#include <random>

#include "events/events.hpp"
#include "unit/events/sample_events.hpp"

using namespace carillon;
using namespace carillon::events;
using carillon::testing::sample;

namespace {

template <class T>
std::string refusal(std::string_view text) {
  const Result<T> read = from_json<T>(text);
  return read ? "accepted" : read.error().code + " " + read.error().detail;
}

std::string nested(std::size_t levels) {
  return R"({"variables":{"a":)" + std::string(levels - 2, '[') + std::string(levels - 2, ']') + "}}";
}

template <class T>
void accepts_only_what_it_can_write(std::string_view text) {
  const Result<T> first = from_json<T>(text);
  if (!first) {
    const std::string& code = first.error().code;
    REQUIRE((code == "MALFORMED_JSON" || code == "INVALID_FIELD"));
    REQUIRE_FALSE(first.error().detail.empty());
    return;
  }
  REQUIRE(from_json<T>(to_json(*first)).value() == *first);
}

}  // namespace

TEST_CASE("codec: refusals name the field") {
  CHECK(refusal<SendRequest>(R"({"foo":1})") == "INVALID_FIELD foo: unknown field");
  CHECK(refusal<SendRequest>(R"({"templateKey":"A"})") == "INVALID_FIELD templateKey: unknown field");
  CHECK(refusal<SendRequest>(R"({"":1})") == "INVALID_FIELD \"\": unknown field");
  CHECK(refusal<SendRequest>(R"({"template_key":1})") == "INVALID_FIELD template_key: must be text");
  CHECK(refusal<SendRequest>(R"({"variables":[]})") == "INVALID_FIELD variables: must be an object");
  CHECK(refusal<SendRequest>(R"({"variables":"{}"})") == "INVALID_FIELD variables: must be an object");
  CHECK(refusal<SendRequest>(R"({"context":{"why":""}})") == "INVALID_FIELD context.why: unknown field");
  CHECK(refusal<SendRequest>(R"({"context":7})") == "INVALID_FIELD context: must be an object");
  CHECK(refusal<ClientState>(R"({"entitlements":[{},{"granted":"yes"}]})") ==
        "INVALID_FIELD entitlements[1].granted: must be true or false");
  CHECK(refusal<ClientState>(R"({"entitlements":{}})") == "INVALID_FIELD entitlements: must be an array");
  CHECK(refusal<ClientState>(R"({"entitlements":[null]})") == "INVALID_FIELD entitlements[0]: must be an object");
  CHECK(refusal<AuditEvent>(R"({"details":{"n":1}})") == "INVALID_FIELD details.n: must be text");
  CHECK(refusal<AuditEvent>(R"({"details":[]})") == "INVALID_FIELD details: must be an object");
  CHECK(refusal<Feedback>("[]") == "INVALID_FIELD must be an object");
  CHECK(refusal<Feedback>("null") == "INVALID_FIELD must be an object");
}

TEST_CASE("codec: an unknown name is shown cut and cleaned") {
  const std::string detail = refusal<Context>("{\"a\\nb\\u0000" + std::string(100, 'x') + "\":1}");
  CHECK(detail == "INVALID_FIELD a?b?" + std::string(60, 'x') + ": unknown field");
}

TEST_CASE("codec: int32 is a whole number in range") {
  CHECK(from_json<SendRequest>(R"({"template_version":2147483647})").value().template_version == 2147483647);
  CHECK(from_json<SendRequest>(R"({"template_version":-2147483648})").value().template_version == -2147483647 - 1);
  const auto value = GENERATE(as<std::string>{}, "2147483648", "-2147483649", "1.5", "\"1\"", "true", "{}", "1e99");
  CAPTURE(value);
  CHECK(refusal<SendRequest>("{\"template_version\":" + value + "}") ==
        "INVALID_FIELD template_version: must be a whole number from -2147483648 to 2147483647");
}

TEST_CASE("codec: int64 is decimal text or a whole number") {
  const auto version = [](const std::string& value) {
    return from_json<ClientState>("{\"version\":" + value + "}").value().version;
  };
  CHECK(version("\"9223372036854775807\"") == INT64_MAX);
  CHECK(version("\"-9223372036854775808\"") == INT64_MIN);
  CHECK(version("9007199254740993") == 9'007'199'254'740'993);
  const auto value = GENERATE(as<std::string>{}, "\"\"", "\" 1\"", "\"1 \"", "\"+1\"", "\"1.0\"", "\"0x1\"",
                              "\"9223372036854775808\"", "9223372036854775808", "1.5", "true", "[]");
  CAPTURE(value);
  CHECK(
      refusal<ClientState>("{\"version\":" + value + "}").starts_with("INVALID_FIELD version: must be a whole number"));
}

TEST_CASE("codec: times are RFC 3339 text") {
  CHECK(from_json<Feedback>(R"({"occurred_at":"1970-01-01T01:00:00+01:00"})").value().occurred_at ==
        from_unix_micros(0));
  const auto value = GENERATE(as<std::string>{}, "\"\"", "\"yesterday\"", "\"2026-01-31\"", "1769903999", "{}");
  CAPTURE(value);
  CHECK(refusal<Feedback>("{\"occurred_at\":" + value + "}") ==
        "INVALID_FIELD occurred_at: must be a time such as \"2026-01-31T23:59:59Z\"");
}

TEST_CASE("codec: enums are read by name, and a refusal lists the names") {
  CHECK(from_json<SendRequest>(R"({"priority":"BULK"})").value().priority == Priority::BULK);
  CHECK(from_json<SendRequest>(R"({"priority":"PRIORITY_UNSPECIFIED"})").value().priority == Priority{});
  CHECK(refusal<SendRequest>(R"({"priority":"URGENT"})") ==
        "INVALID_FIELD priority: must be one of CRITICAL, NORMAL, BULK");
  CHECK(refusal<SendRequest>(R"({"priority":1})") == "INVALID_FIELD priority: must be one of CRITICAL, NORMAL, BULK");
  CHECK(refusal<MessageEvent>(R"({"status":"sent"})").ends_with("BLOCKED_PREFERENCE, ..."));
}

TEST_CASE("codec: null means absent, but not inside arrays and maps") {
  CHECK(from_json<SendRequest>(
            R"({"template_key":null,"variables":null,"priority":null,"context":null,"expires_at":null})")
            .value() == SendRequest{});
  CHECK(refusal<AuditEvent>(R"({"details":{"a":null}})") == "INVALID_FIELD details.a: must be text");
  CHECK(from_json<SendRequest>(R"({"variables":{"a":null}})").value().variables.text == R"({"a":null})");
}

TEST_CASE("codec: a name that appears twice is refused at every level") {
  CHECK(refusal<SendRequest>(R"({"locale":"en","locale":"en"})") == "INVALID_FIELD locale: appears twice");
  CHECK(refusal<SendRequest>(R"({"locale":null,"locale":"en"})") == "INVALID_FIELD locale: appears twice");
  CHECK(refusal<SendRequest>(R"({"locale":"en","l\u006fcale":"en"})") == "INVALID_FIELD locale: appears twice");
  CHECK(refusal<SendRequest>(R"({"variables":{"a":[0,{"b":1,"c":2,"b":3}]}})") ==
        "INVALID_FIELD variables.a[1].b: appears twice");
  CHECK(refusal<AuditEvent>(R"({"details":{"a":"1","a":"1"}})") == "INVALID_FIELD details.a: appears twice");
  std::string many = R"({"variables":{)";
  for (int i = 0; i < 1'000; ++i) many += "\"k" + std::to_string(i) + "\":0,";
  CHECK(from_json<SendRequest>(many + "\"k1000\":0}}"));
  CHECK(refusal<SendRequest>(many + "\"k500\":0}}") == "INVALID_FIELD variables.k500: appears twice");
}

TEST_CASE("codec: \\u0000 and half surrogate pairs are refused with their path") {
  CHECK(refusal<SendRequest>(R"({"recipient":"a\u0000"})") == "INVALID_FIELD recipient: must not contain \\u0000");
  CHECK(refusal<SendRequest>(R"({"variables":{"a":["x","\u0000"]}})") ==
        "INVALID_FIELD variables.a[1]: must not contain \\u0000");
  CHECK(refusal<SendRequest>(R"({"variables":{"\u0000":1}})") == "INVALID_FIELD variables.?: must not contain \\u0000");
  CHECK(refusal<AuditEvent>(R"({"details":{"\u0000":"1"}})") == "INVALID_FIELD details.?: must not contain \\u0000");
  CHECK(refusal<AuditEvent>(R"({"details":{"a":"\u0000"}})") == "INVALID_FIELD details.a: must not contain \\u0000");
  CHECK(refusal<SendRequest>(R"({"recipient":"\udc00"})") != "accepted");
  CHECK(refusal<SendRequest>(R"({"recipient":"\ud83d"})") != "accepted");
  CHECK(refusal<SendRequest>(R"({"recipient":"\ud83dx"})") != "accepted");
  CHECK(from_json<SendRequest>(R"({"recipient":"\ud83d\udd14"})").value().recipient == "🔔");
}

TEST_CASE("codec: 32 levels are read, 33 are not, and a hundred thousand do no harm") {
  CHECK(refusal<SendRequest>(nested(32)) == "accepted");
  CHECK(refusal<SendRequest>(nested(33)).starts_with("MALFORMED_JSON nested deeper than 32 levels"));
  CHECK(refusal<SendRequest>(std::string(100'000, '[')).starts_with("MALFORMED_JSON nested deeper than 32 levels"));
  CHECK(refusal<SendRequest>(R"({"variables":)" + std::string(100'000, '{')).starts_with("MALFORMED_JSON"));
}

TEST_CASE("codec: what is not JSON is malformed") {
  const auto text = GENERATE(as<std::string>{}, "", " ", "{", "}", "{}{}", "{} x", "{},", "{\"locale\":\"en\",}",
                             "{'locale':'en'}", "{locale:1}", "{\"locale\":\"en}", "{\"locale\":NaN}",
                             "{\"template_version\":01}", "{\"template_version\":1.}", "{\"template_version\":1e999}",
                             "{\"locale\":\"\\x\"}", "{\"locale\":\"\\u12\"}", "{\"locale\":\"a\nb\"}", "// c\n{}",
                             "{}//", "\xEF\xBB\xBF{}", "{\"locale\":tru}");
  CAPTURE(text);
  CHECK(refusal<SendRequest>(text).starts_with("MALFORMED_JSON "));
}

TEST_CASE("codec: text that is not UTF-8 or holds NUL bytes is malformed") {
  CHECK(refusal<SendRequest>("{\"locale\":\"caf\xE9\"}") == "MALFORMED_JSON the text is not valid UTF-8");
  CHECK(refusal<SendRequest>("{\"variables\":{\"\xED\xA0\x80\":1}}") == "MALFORMED_JSON the text is not valid UTF-8");
  CHECK(refusal<SendRequest>(std::string("{}\0", 3)) == "MALFORMED_JSON the text holds a NUL character");
  CHECK(refusal<SendRequest>(std::string("{}\0{}", 5)) == "MALFORMED_JSON the text holds a NUL character");
}

TEST_CASE("codec: a JSON object is kept as compact text") {
  const auto normal = [](std::string_view text) { return parse_object(text).value().text; };
  CHECK(normal("{}") == "{}");
  CHECK(normal(" { \"a\" : [ 1 , 2.50 , -0.0 , 1e2 , \"\\u00e9\\/\" ] , \"b\" : { } , \"c\" : [ ] } ") ==
        R"({"a":[1,2.5,-0.0,100,"é/"],"b":{},"c":[]})");
  CHECK(
      normal(R"({"a":18446744073709551615,"b":-9223372036854775808,"c":0.1,"d":1e300,"e":true,"f":false,"g":null})") ==
      R"({"a":18446744073709551615,"b":-9223372036854775808,"c":0.1,"d":1e+300,"e":true,"f":false,"g":null})");
}

TEST_CASE("codec: numbers keep their value, and those beyond 64 bits are refused") {
  const auto number = [](const std::string& text) {
    const Result<JsonObject> object = parse_object("{\"n\":" + text + "}");
    return object ? object->text.substr(5, object->text.size() - 6) : object.error().detail;
  };
  CHECK(number("-0") == "0");
  CHECK(number("0e50") == "0");
  CHECK(number("0.00000000000000000000000") == "0");
  CHECK(number("5e-324") == "5e-324");
  CHECK(number("0.1000000000000000055511151231257827") == "0.1");
  CHECK(number("123456789012345678901234567890") == "1.2345678901234568e+29");
  CHECK(number("18446744073709551616") == number("18446744073709551616.0"));
  CHECK(number("9007199254740993") == "9007199254740993");
  CHECK(number("-9223372036854775809") == "-9223372036854775808");
  CHECK(number("1e400").starts_with("Number too big"));
  CHECK(number("-1e400").starts_with("Number too big"));
  CHECK(number("1e-400").starts_with("a number is beyond what 64 bits hold"));
}

TEST_CASE("codec: a JSON object from elsewhere leaves a level for the event around it") {
  const auto object = [](std::size_t levels) {
    return R"({"a":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  const Result<JsonObject> deepest = parse_object(object(31));
  REQUIRE(deepest);
  CHECK(from_json<SendRequest>(to_json(SendRequest{.variables = *deepest})));
  CHECK(parse_object(object(32)).error().code == "MALFORMED_JSON");
  CHECK(parse_object("[]").error().code == "INVALID_FIELD");
  CHECK(parse_object("").error().code == "MALFORMED_JSON");
  CHECK(parse_object(R"({"a":{"b":1,"b":2}})").error().detail == "a.b: appears twice");
}

TEST_CASE("codec: random bytes are refused in order") {
  std::mt19937 random(20260131);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 64, '\0');
    for (char& c : text) c = static_cast<char>(random());
    accepts_only_what_it_can_write<SendRequest>(text);
  }
}

TEMPLATE_TEST_CASE("codec: damaged events are refused in order or read as something that can be written", "",
                   SendRequest, Dispatch, MessageEvent, AuditEvent, ClientState, ProviderState, Feedback,
                   BillingEvent) {
  const std::string whole = to_json(sample<TestType>());
  const std::string_view marks = "{}[]\",:\\u0dn1-e.t ";
  std::mt19937 random(7);
  for (int round = 0; round < 3'000; ++round) {
    std::string text = whole;
    for (std::size_t damage = random() % 3 + 1; damage > 0 && !text.empty(); --damage) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text[at] = marks[random() % marks.size()];
          break;
        case 2:
          text.erase(at, random() % 8);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 16));
      }
    }
    INFO(text);
    accepts_only_what_it_can_write<TestType>(text);
  }
}
