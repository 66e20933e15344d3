// Console with a file instead of the sandbox.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <rapidjson/document.h>

#include "http/client.hpp"
#include "provider-dispatcher/adapters/providers/console/client.hpp"

namespace {

using namespace carillon::dispatcher;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "carillon-console-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

Outcome sent(const std::string& file) {
  carillon::http::Runtime runtime;
  carillon::http::Client http(runtime);
  ConsoleSettings settings;
  settings.enabled = true;
  settings.file = file;
  ConsoleClient client(settings, http);
  OutboundMessage message;
  message.message_id = "m1";
  message.recipient = "+447700900123";
  message.text = "Code \"1\"\n2";
  Outcome outcome;
  client.send(message, carillon::from_unix_micros(0), [&](Outcome done) { outcome = std::move(done); });
  return outcome;
}

TEST_CASE("console: appends one JSON line a message, readable by its owner alone") {
  const TemporaryFolder folder;
  const std::string file = folder.path / "sms.jsonl";
  CHECK(sent(file).kind == OutcomeKind::ACCEPTED);
  CHECK(sent(file).provider_message_id == "console-m1.1");
  std::ifstream in(file);
  std::string line;
  int lines = 0;
  while (std::getline(in, line)) {
    ++lines;
    rapidjson::Document json;
    json.Parse(line.c_str());
    REQUIRE(json.IsObject());
    CHECK(std::string(json["to"].GetString()) == "+447700900123");
    CHECK(std::string(json["text"].GetString()) == "Code \"1\"\n2");
  }
  CHECK(lines == 2);
  CHECK(std::filesystem::status(file).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("console: a file that can't be written is TRANSIENT and named") {
  const Outcome outcome = sent("/nonexistent/folder/sms.jsonl");
  CHECK(outcome.kind == OutcomeKind::TRANSIENT);
  CHECK(outcome.detail.find("CARILLON_CONSOLE_FILE") != std::string::npos);
}

}  // namespace
