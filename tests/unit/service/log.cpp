#include "service/log.hpp"

#include <rapidjson/document.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <limits>
#include <thread>

#include "service/log_line.hpp"

namespace carillon::log {
namespace {

const UtcTime now = from_unix_micros(1'790'000'000'000'001);

rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  CAPTURE(text);
  REQUIRE_FALSE(document.HasParseError());
  REQUIRE(document.IsObject());
  return document;
}

std::string value_of(std::string_view name, const Value& value) {
  const auto document = parsed(line(now, Level::INFO, "s", "e", {{name, value}}, ""));
  const auto& member = document[std::string(name).c_str()];
  REQUIRE(member.IsString());
  return {member.GetString(), member.GetStringLength()};
}

TEST_CASE("log: a line has time, level, service, event, fields and trace id in that order") {
  CHECK(line(now, Level::WARN, "carillon-orchestrator", "request_refused",
             {{"count", 3}, {"name", "x"}, {"ok", true}, {"ratio", 0.5}}, "4bf92f3577b34da6a3ce929d0e0e4736") ==
        "{\"ts\":\"" + to_rfc3339(now) +
            "\",\"level\":\"warn\",\"service\":\"carillon-orchestrator\",\"event\":\"request_refused\",\"count\":3,"
            "\"name\":\"x\","
            "\"ok\":true,\"ratio\":0.500000,\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}");
  CHECK_FALSE(parsed(line(now, Level::INFO, "s", "e", {}, "")).HasMember("trace_id"));
}

TEST_CASE("log: whatever the bytes, the line is one line of JSON that gives them back") {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "ü€😀";
  const std::string text = line(now, Level::INFO, "s\n", "e\"", {{"field", all}, {"a\"b\n", "x"}}, "");
  CHECK(text.find('\n') == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x7f') == std::string::npos);
  CHECK(value_of("field", all) == all);
  CHECK(parsed(text).HasMember("a\"b\n"));
}

TEST_CASE("log: bytes that are not UTF-8 are replaced") {
  CHECK(value_of("field", std::string("a\xff"
                                      "b")) ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(value_of("field", std::string("\xed\xa0\x80")).find("\xed\xa0\x80") == std::string::npos);
  CHECK(value_of("field", std::string("cut \xe2\x82")).substr(0, 4) == "cut ");
}

TEST_CASE("log: numbers that JSON has no form for become strings") {
  CHECK(value_of("ratio", std::nan("")).find("nan") != std::string::npos);
  CHECK(value_of("ratio", std::numeric_limits<double>::infinity()) == "inf");
  const auto document =
      parsed(line(now, Level::INFO, "s", "e", {{"big", std::numeric_limits<std::int64_t>::min()}, {"no", false}}, ""));
  CHECK(document["big"].GetInt64() == std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(document["no"].GetBool());
}

TEST_CASE("log: recipients are masked by the field's name") {
  for (const char* name : {"recipient", "to", "email", "owner_email", "recipient_email"}) {
    CAPTURE(name);
    CHECK(value_of(name, "ann@example.com") == "a***@example.com");
  }
  for (const char* name : {"phone", "owner_phone", "phone_e164"}) {
    CAPTURE(name);
    CHECK(value_of(name, "+447700900123") == "+44*******123");
  }
  CHECK(value_of("recipient", 447700900123LL) == "***");
  CHECK(value_of("recipient", "").empty());
  CHECK(value_of("recipient_hash", "abcdef") == "abcdef");
  CHECK(value_of("recipient_masked", "a***@example.com") == "a***@example.com");
  CHECK(value_of("topic_to_read", "x") == "x");
}

TEST_CASE("log: secrets are replaced by the field's name, reasons are not") {
  for (const char* name : {"token", "server_token", "secret", "client_secret", "password", "code", "otp_code",
                           "api_key", "authorization"}) {
    CAPTURE(name);
    CHECK(value_of(name, "hunter2") == "[redacted]");
    CHECK(value_of(name, 123456) == "[redacted]");
  }
  for (const char* name : {"error_code", "provider_code", "status_code", "api_key_id", "reason"}) {
    CAPTURE(name);
    CHECK(value_of(name, "visible") == "visible");
  }
}

// Sends this process's standard error into a file while it lives.
class CapturedStandardError {
 public:
  CapturedStandardError() : file_(std::tmpfile()), saved_(::dup(STDERR_FILENO)) {
    ::dup2(::fileno(file_), STDERR_FILENO);
  }
  ~CapturedStandardError() {
    if (saved_ >= 0) finish();
    std::fclose(file_);
  }
  std::string finish() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    saved_ = -1;
    std::rewind(file_);
    std::string text;
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) text += static_cast<char>(c);
    return text;
  }

 private:
  std::FILE* file_;
  int saved_;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

TEST_CASE("log: lines below the level are not written") {
  CapturedStandardError captured;
  configure("carillon-test", Level::WARN);
  debug("too_low");
  info("too_low");
  warn("kept", {{"n", 1}});
  error("kept", {{"format", "{} %s %v"}});
  const auto lines = lines_of(captured.finish());
  configure("carillon-test", Level::INFO);
  REQUIRE(lines.size() == 2);
  CHECK(std::string(parsed(lines[0])["level"].GetString()) == "warn");
  CHECK(std::string(parsed(lines[0])["service"].GetString()) == "carillon-test");
  CHECK(std::string(parsed(lines[1])["format"].GetString()) == "{} %s %v");
}

TEST_CASE("log: threads don't mix their lines and none is lost") {
  constexpr int threads_count = 4, lines_each = 500;
  CapturedStandardError captured;
  configure("carillon-test", Level::INFO);
  {
    std::vector<std::thread> threads;
    for (int t = 0; t < threads_count; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < lines_each; ++i)
          info("line", {{"thread", t}, {"i", i}, {"padding", std::string(300, 'x')}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const auto lines = lines_of(captured.finish());
  REQUIRE(lines.size() == threads_count * lines_each);
  std::vector<int> next(threads_count, 0);
  for (const std::string& text : lines) {
    const auto document = parsed(text);
    CHECK(document["i"].GetInt() == next[static_cast<std::size_t>(document["thread"].GetInt())]++);
  }
}

}  // namespace
}  // namespace carillon::log
