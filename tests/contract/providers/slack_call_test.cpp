// What only Slack has: an address that somebody else has given, and less time than other calls.
#include <catch2/catch.hpp>

#include "contract/providers/any_bench.hpp"
#include "contract/providers/untrusted_server.hpp"
#include "provider-dispatcher/adapters/providers/slack/client.hpp"
#include "sandbox/adapters/listener.hpp"

namespace {

using namespace carillon::dispatcher;
using namespace carillon::testing;
namespace http = carillon::http;
namespace sandbox = carillon::sandbox;

TEST_CASE("slack call: an allowed host with a private address is not connected to") {
  const UntrustedServer server;
  const std::string host = "localhost:" + std::to_string(server.port());
  http::Runtime runtime;
  http::Client client(runtime);
  SlackSettings settings;
  settings.allowed_hosts = {host};
  SlackClient provider(settings, client, test_limits);
  const Outcome outcome = sent(provider, message_to("https://" + host + "/services/T0/B0/s3cret-token"));
  CHECK(outcome.kind == OutcomeKind::TRANSIENT);
  CHECK(outcome.reason == Reason::CONNECTION);
  CHECK(outcome.detail.find("no public address") != std::string::npos);
  CHECK(outcome.detail.find("s3cret-token") == std::string::npos);
  CHECK(server.connections() == 0);
}

TEST_CASE("slack call: takes five seconds at most, however long others may") {
  class Silence final : public sandbox::Protocol {
   public:
    void received(std::string_view) override {}
  };
  sandbox::Loop loop;
  const sandbox::Listener silent(loop, {}, [](sandbox::Peer&) { return std::make_unique<Silence>(); });
  http::Runtime runtime;
  http::Client client(runtime);
  SlackSettings settings;
  settings.allowed_hosts = {"hooks.slack.com"};
  settings.base_url = "http://127.0.0.1:" + std::to_string(silent.port());
  SlackClient provider(settings, client);
  const Outcome outcome = sent(provider, message_to("https://hooks.slack.com/services/T0/B0/x"));
  CHECK(outcome.kind == OutcomeKind::UNCONFIRMED);
  CHECK(outcome.reason == Reason::NO_ANSWER);
  CHECK(outcome.latency >= slack::call_time_max);
  CHECK(outcome.latency < slack::call_time_max + std::chrono::seconds{3});
}

}  // namespace
