// The transcripts of docs/number-pool-test-plan.md: made here, compared here, written by the hidden case.
#include <fmt/format.h>
#include <rapidjson/document.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "integration/provisioning/onboarding_world.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using namespace std::chrono_literals;

namespace {

constexpr const char* document_path = "docs/number-pool-test-plan.md";

// Sends this process's standard error into a file while it lives, and gives what has come since the last time.
class CapturedLog {
 public:
  CapturedLog() : file_(std::tmpfile()), saved_(::dup(STDERR_FILENO)) { ::dup2(::fileno(file_), STDERR_FILENO); }
  ~CapturedLog() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    std::fclose(file_);
  }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  // The lines about the pool and onboarding, as "EVENT name=value ...".
  std::vector<std::string> events() {
    std::vector<std::string> found;
    std::string line;
    for (char c = 0; ::pread(::fileno(file_), &c, 1, at_) == 1; ++at_) {
      if (c != '\n') {
        line += c;
        continue;
      }
      if (auto event = told(line); !event.empty()) found.push_back(std::move(event));
      line.clear();
    }
    return found;
  }

 private:
  static std::string told(const std::string& line) {
    rapidjson::Document document;
    document.Parse(line.data(), line.size());
    if (document.HasParseError() || !document.IsObject() || !document.HasMember("timestamp")) return {};
    std::string out = document["event"].GetString();
    for (const auto& member : document.GetObject()) {
      const std::string name = member.name.GetString();
      if (name == "ts" || name == "level" || name == "service" || name == "event" || name == "trace_id") continue;
      out += " " + name + "=" + member.value.GetString();
    }
    return out;
  }

  std::FILE* file_;
  int saved_;
  ::off_t at_ = 0;
};

class Transcript {
 public:
  explicit Transcript(OnboardingWorld& world) : world_(world) {}

  void owner(const std::string& text) {
    const auto before = world_.replies().size();
    REQUIRE(world_.sms(owner_phone, text).status == 200);
    line("owner", text);
    tell(before);
  }
  void call(const std::string& number) {
    const auto before = world_.replies().size();
    REQUIRE(world_.voice(number).status == 200);
    line("caller", "calls " + number);
    tell(before);
  }
  void allocate(const std::string& id) {
    const auto answer = world_.post("/api/admin/clients/" + id + "/allocate-number");
    rapidjson::Document body;
    body.Parse(answer.body.data(), answer.body.size());
    line("operator", "POST /api/admin/clients/" + id + "/allocate-number");
    line("", fmt::format("{} success={} phone_e164={} reason={}", answer.status, body["success"].GetBool(),
                         body["phone_e164"].IsString() ? body["phone_e164"].GetString() : "null",
                         body["reason"].GetString()));
    log_lines();
  }
  void note(const std::string& text) { line("--", text); }
  void at_once(int clients, int numbers) {
    world_.seed(numbers);
    std::vector<std::string> ids;
    for (int n = 0; n < clients; ++n) {
      ids.push_back("c" + std::to_string(n));
      world_.add_client(ids.back(), "", true, {});
    }
    const auto statuses = world_.allocate_at_once(ids);
    line("operator", fmt::format("POST /api/admin/clients/…/allocate-number for {} clients at once over {} numbers",
                                 clients, numbers));
    for (const auto& [status, count] : statuses)
      line("", fmt::format("{} × {}", count, status == 200 ? "200 ALLOCATED" : std::to_string(status) + " POOL_EMPTY"));
    line("pool", fmt::format("{} numbers ASSIGNED, to {} clients",
                             world_.number("SELECT count(*) FROM provisioning.twilio_number_pool WHERE status = "
                                           "'ASSIGNED'"),
                             world_.number("SELECT count(DISTINCT twilio_number) FROM provisioning.clients WHERE "
                                           "twilio_number <> ''")));
  }
  const std::string& text() const { return text_; }

 private:
  void tell(std::size_t replies_before) {
    const auto replies = world_.replies();
    for (std::size_t i = replies_before; i < replies.size(); ++i) line("carillon", variable(replies[i], "reply"));
    line("state", world_.state());
    log_lines();
  }
  void log_lines() {
    for (const std::string& event : log_.events()) line("log", event);
  }
  void line(const std::string& who, const std::string& what) { text_ += fmt::format("{:<9} {}\n", who, what); }

  OnboardingWorld& world_;
  CapturedLog log_;
  std::string text_;
};

std::string payment_inactive() {
  OnboardingWorld world;
  world.seed(1);
  world.add_client("c1", "S5_CONFIRM_LIVE", false);
  Transcript transcript(world);
  transcript.owner("YES");
  transcript.owner("READY");
  return transcript.text();
}

std::string payment_active() {
  OnboardingWorld world;
  world.seed(4);
  world.add_client("c1", "S5_CONFIRM_LIVE", true);
  Transcript transcript(world);
  transcript.owner("YES");
  transcript.owner("Android");
  transcript.owner("DONE");
  transcript.call("+441632960000");
  return transcript.text();
}

std::string pool_empty() {
  OnboardingWorld world;
  world.add_client("c1", "S5_CONFIRM_LIVE", true);
  Transcript transcript(world);
  transcript.owner("YES");
  transcript.allocate("c1");
  return transcript.text();
}

std::string idempotent() {
  OnboardingWorld world;
  world.seed(4);
  world.add_client("c1", "S5_CONFIRM_LIVE", true);
  Transcript transcript(world);
  transcript.allocate("c1");
  transcript.allocate("c1");
  transcript.owner("YES");
  return transcript.text();
}

std::string concurrent() {
  std::string text;
  for (const int clients : {20, 50}) {
    OnboardingWorld world(onboarding_settings(), 3);
    Transcript transcript(world);
    transcript.at_once(clients, 20);
    text += transcript.text();
  }
  return text;
}

std::string number_missing_at_forwarding() {
  OnboardingWorld world;
  world.add_client("c1", "S6_PHONE_TYPE", true);
  Transcript transcript(world);
  transcript.owner("iPhone");
  world.edit("c1", [](Client& client) { client.twilio_number = "+441632960000"; });
  transcript.note("the client is given +441632960000");
  transcript.owner("READY");
  return transcript.text();
}

const std::vector<std::pair<std::string, std::string (*)()>>& transcripts() {
  static const std::vector<std::pair<std::string, std::string (*)()>> all{
      {"payment inactive", payment_inactive},
      {"payment active", payment_active},
      {"pool empty", pool_empty},
      {"idempotent", idempotent},
      {"concurrent", concurrent},
      {"number missing at forwarding", number_missing_at_forwarding}};
  return all;
}

std::string document() {
  std::ifstream file(document_path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Where the transcript of that name stands in the document: behind its mark and the opening fence.
std::pair<std::size_t, std::size_t> place_of(const std::string& text, const std::string& name) {
  const std::string mark = "<!-- transcript: " + name + " -->\n```text\n";
  const std::size_t begin = text.find(mark);
  REQUIRE(begin != std::string::npos);
  const std::size_t from = begin + mark.size();
  return {from, text.find("```", from) - from};
}

}  // namespace

TEST_CASE("docs: the transcripts of the number pool's test plan are what happens") {
  const std::string text = document();
  for (const auto& [name, make] : transcripts()) {
    INFO(name);
    const auto [begin, size] = place_of(text, name);
    CHECK(text.substr(begin, size) == make());
  }
}

// Run by hand: build/dev/tests/integration-provisioning "docs: write the transcripts"
TEST_CASE("docs: write the transcripts", "[.][docs]") {
  std::string text = document();
  for (const auto& [name, make] : transcripts()) {
    const auto [begin, size] = place_of(text, name);
    text.replace(begin, size, make());
  }
  std::ofstream(document_path) << text;
  CHECK(document() == text);
}
