// What no provider client may do: write to somebody it does not know, or tell a log whom it writes to and with what
// key.
#include <catch2/catch.hpp>

#include "contract/providers/any_bench.hpp"
#include "contract/providers/untrusted_server.hpp"
#include "service/log.hpp"
#include "service/testing/captured_log.hpp"

namespace {

using namespace carillon::dispatcher;
using namespace carillon::testing;

TEST_CASE("provider contract: a certificate that nobody vouches for is TRANSIENT, TLS, and nothing is written") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  const UntrustedServer server;
  bench->speak_tls_at(server.port());
  const Outcome outcome = sent(*bench);
  CHECK(outcome.kind == OutcomeKind::TRANSIENT);
  CHECK(outcome.reason == Reason::TLS);
  CHECK(server.connections() >= 1);
  CHECK(server.bytes_read() == 0);
  CHECK(bench->calls() == 0);
}

TEST_CASE("provider contract: no log line holds recipient or secret, whatever the call comes to") {
  const MadeBench made = any_bench();
  INFO(made.name);
  const auto bench = made.make();
  CapturedLog log;
  carillon::log::configure("contract", carillon::log::Level::DEBUG);
  carillon::log::debug("capture_works");
  sent(*bench);
  const auto provider = bench->provider();
  sent(*provider, message_to(bench->recipient() + "\r\n"));
  bench->reset_after_reading();
  sent(*bench);
  bench->say_nothing_from_the_start();
  sent(*bench);
  bench->refuse_repeating_everything();
  sent(*bench);
  bench->stop_listening();
  sent(*provider, message_to(bench->recipient()));
  const std::string said = log.text();
  CHECK(said.find("capture_works") != std::string::npos);
  CHECK(said.find(bench->recipient()) == std::string::npos);
  if (!bench->secret().empty()) CHECK(said.find(bench->secret()) == std::string::npos);
}

}  // namespace
